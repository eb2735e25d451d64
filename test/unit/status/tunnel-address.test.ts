import { expect, test } from '@jest/globals'
import { tunnelFinding } from '../../../src/status/tunnel-address.js'
import { parseIpv4 } from '../../../src/values/ipv4.js'

const NODE = { name: 'node-a', tunnelIp: parseIpv4('192.0.2.11')!, encapsulation: 'geneve' } as const
const ETH0 = { device: 'eth0', address: '192.0.2.11', mtu: 1500 }

test('an address that is on a device is said to be there', () => {
  expect(tunnelFinding(NODE, [ETH0], [])).toEqual({
    ...{ type: 'Bound', status: 'True', reason: 'HasAddress', message: '192.0.2.11 is on eth0' },
  })
})

test('an address that is on none is False, with what to do', () => {
  expect(tunnelFinding(NODE, [{ ...ETH0, address: '192.0.2.12' }], [])).toMatchObject({
    ...{ status: 'False', reason: 'AddressMissing' },
    remedy: expect.stringContaining('ip address add 192.0.2.11/24'),
  })
})

test.each([
  ['geneve', 1442],
  ['vxlan', 1450],
  ['gre', 1458],
] as const)('%s over 1500 bytes carries %i, and a guest with more is said', (encapsulation, most) => {
  const guests = (mtu: number) => [
    { name: 'tap-1', mtu },
    { name: 'tap-2', mtu: undefined },
    { name: 'tap-3', mtu },
  ]
  const node = { ...NODE, encapsulation }
  expect(tunnelFinding(node, [ETH0], guests(most))).toMatchObject({ reason: 'HasAddress' })
  expect(tunnelFinding(node, [ETH0], guests(most + 1))).toMatchObject({
    ...{ status: 'True', reason: 'GuestMtuTooLarge' },
    message: `tap-1 and 1 more may send ${most + 1} bytes, and ${encapsulation} over eth0 carries ${most}`,
    remedy: `Give guests an MTU of ${most} bytes, or eth0 one of 1501.`,
  })
})

test('where nobody knows the MTU of the device nothing is said of guests', () => {
  const guests = [{ name: 'tap-1', mtu: 9000 }]
  expect(tunnelFinding(NODE, [{ ...ETH0, mtu: undefined }], guests)).toMatchObject({ reason: 'HasAddress' })
})
