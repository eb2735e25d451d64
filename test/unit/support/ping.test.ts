import { describe, expect, test } from '@jest/globals'
import { parsePing } from '../../support/ping.js'

const output = (...lines: readonly string[]): string => lines.join('\n')

describe('parsePing', () => {
  test('reads round trips and the summary', () => {
    const text = output(
      'PING 10.1.0.3 (10.1.0.3) 56(84) bytes of data.',
      '64 bytes from 10.1.0.3: icmp_seq=1 ttl=63 time=12.5 ms',
      '64 bytes from 10.1.0.3: icmp_seq=2 ttl=63 time=0.211 ms',
      '',
      '--- 10.1.0.3 ping statistics ---',
      '2 packets transmitted, 2 received, 0% packet loss, time 1001ms',
      'rtt min/avg/max/mdev = 0.211/6.355/12.500/6.144 ms',
    )
    expect(parsePing(text)).toEqual({
      transmitted: 2,
      received: 2,
      lossPercent: 0,
      rttsMs: [12.5, 0.211],
      output: text,
    })
  })

  test('reads a summary with errors and a broken percentage', () => {
    const text = '3 packets transmitted, 1 received, +2 errors, 66.6667% packet loss, time 2031ms'
    expect(parsePing(text)).toMatchObject({ transmitted: 3, received: 1, lossPercent: 66.6667, rttsMs: [] })
  })

  test('refuses text without a summary', () => {
    expect(() => parsePing('ping: connect: Network is unreachable')).toThrow('Network is unreachable')
  })
})
