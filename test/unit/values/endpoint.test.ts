import { describe, expect, test } from '@jest/globals'
import { parseEndpoint, renderEndpoint } from '../../../src/values/endpoint.js'

describe('an OVSDB endpoint', () => {
  test.each([
    ['unix:/var/run/openvswitch/db.sock', { kind: 'unix', path: '/var/run/openvswitch/db.sock' }],
    ['unix:a:b', { kind: 'unix', path: 'a:b' }],
    ['tcp:127.0.0.1:6640', { kind: 'tcp', host: '127.0.0.1', port: 6640 }],
    ['tcp:[::1]:6640', { kind: 'tcp', host: '::1', port: 6640 }],
    ['tcp:node-a.example.org:65535', { kind: 'tcp', host: 'node-a.example.org', port: 65535 }],
  ])('%s is read and printed again', (text, endpoint) => {
    expect(parseEndpoint(text)).toEqual(endpoint)
    expect(renderEndpoint(parseEndpoint(text))).toBe(text)
  })

  test.each([
    '',
    'unix:',
    '/var/run/openvswitch/db.sock',
    'tcp:127.0.0.1',
    'tcp::6640',
    'tcp:::1:6640',
    'tcp:h:0',
    'tcp:h:65536',
    'tcp:h:x',
    'udp:h:1',
  ])('"%s" is wrong usage', (text) => {
    expect(() => parseEndpoint(text)).toThrow(
      expect.objectContaining({ code: 'USAGE', message: expect.stringContaining(`"${text}"`) }),
    )
  })

  test('ssl: is known, and refused as not supported yet', () => {
    expect(() => parseEndpoint('ssl:127.0.0.1:6640')).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        message: expect.stringContaining('not supported yet'),
      }),
    )
  })
})
