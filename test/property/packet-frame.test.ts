import { fc, test } from '@fast-check/jest'
import { describe, expect } from '@jest/globals'
import { type Frame, type Ipv4Frame, parseFrame } from '../../src/packet/frame.js'
import { parseIpv4 } from '../../src/values/ipv4.js'
import { ipv4Frame, ipv4Packet } from '../support/packets.js'

const KINDS = ['ipv4', 'other', 'malformed']
const byte = fc.nat({ max: 255 })
const mac = fc.uint8Array({ minLength: 6, maxLength: 6 }).map((bytes) =>
  Buffer.from(bytes)
    .toString('hex')
    .replace(/(..)(?=.)/g, '$1:'),
)
const anyOptions = fc.record({
  ethSrc: mac,
  ethDst: mac,
  ipSrc: fc.ipV4(),
  ipDst: fc.ipV4(),
  ttl: byte,
  protocol: byte,
  fragment: fc.nat({ max: 0xffff }),
  options: fc.nat({ max: 10 }).map((words) => Buffer.alloc(words * 4, 1)),
  payload: fc.uint8Array({ maxLength: 64 }),
})

/** A fragment that is not the last is of units of eight bytes, and none reaches beyond the longest datagram. */
const options = anyOptions.filter(({ fragment, payload }) => {
  const isInUnits = (fragment & 0x2000) === 0 || payload.length % 8 === 0
  return isInUnits && (fragment & 0x1fff) * 8 + payload.length <= 0xffff
})

function ipv4Of(frame: Frame): Ipv4Frame {
  if (frame.kind !== 'ipv4') throw new Error(frame.kind)
  return frame
}

describe('a frame from a guest', () => {
  test.prop([options])('that is IPv4 gives back the fields it was made of', (made) => {
    const { ethSrc, ethDst, ttl, protocol } = made
    const [ipSrc, ipDst] = [parseIpv4(made.ipSrc), parseIpv4(made.ipDst)]
    const { packet, ...header } = ipv4Of(parseFrame(ipv4Frame(made)))
    expect(header).toEqual({ kind: 'ipv4', ethSrc, ethDst, ipSrc, ipDst, ttl, protocol })
    expect(packet).toMatchObject({
      fragmentOffset: (made.fragment & 0x1fff) * 8,
      moreFragments: (made.fragment & 0x2000) !== 0,
    })
    expect(packet.payload.equals(made.payload)).toBe(true)
    expect(packet.bytes.equals(ipv4Packet(made))).toBe(true)
  })

  test.prop([fc.uint8Array({ maxLength: 80 })], { numRuns: 1000 })('may be any bytes', (bytes) => {
    expect(KINDS).toContain(parseFrame(Buffer.from(bytes)).kind)
  })

  test.prop([options, fc.nat({ max: 200 })])('that is cut short is never taken for IPv4', (made, length) => {
    const whole = ipv4Frame(made)
    const frame = parseFrame(whole.subarray(0, Math.min(length, whole.length - 1)))
    expect(frame.kind).toBe('malformed')
  })

  test.prop([options, fc.nat(), fc.integer({ min: 1, max: 255 })], { numRuns: 1000 })(
    'with one byte changed in its IPv4 header is refused',
    (made, place, change) => {
      const bytes = ipv4Frame(made)
      const at = 14 + (place % (20 + made.options.length))
      bytes.writeUInt8(bytes.readUInt8(at) ^ change, at)
      expect(parseFrame(bytes).kind).toBe('malformed')
    },
  )

  test.prop([options, fc.array(fc.tuple(fc.nat(), byte))], { numRuns: 1000 })(
    'with any bytes changed is one of the three kinds',
    (made, changes) => {
      const bytes = ipv4Frame(made)
      for (const [place, value] of changes) bytes.writeUInt8(value, place % bytes.length)
      expect(KINDS).toContain(parseFrame(bytes).kind)
    },
  )
})
