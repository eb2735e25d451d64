// Two subnets of one network on one router: a guest may reach the other subnet through the gateway, and at layer 2.
import { expect, test } from '@jest/globals'
import { Cloud, ECHO_REQUEST } from '../support/cloud.js'
import { manifestsOf, network, plugged, port, router, subnet } from '../support/networks.js'

const GATEWAY_A = '02:00:00:00:00:aa'
const GATEWAY_B = '02:00:00:00:00:bb'

const manifests = manifestsOf(
  network('net1', 7),
  subnet('a', 'net1', '10.0.0.0/24'),
  subnet('b', 'net1', '10.0.1.0/24'),
  router('r1', { a: GATEWAY_A, b: GATEWAY_B }),
  port('vm-a', 'net1', { macAddress: '02:00:00:00:00:01', ips: { a: '10.0.0.5' }, interface: 'tap-a' }),
  port('vm-b', 'net1', { macAddress: '02:00:00:00:00:02', ips: { b: '10.0.1.5' }, interface: 'tap-b' }),
)

test('what is sent to the gateway is routed, with one packet-in for both directions', () => {
  const cloud = new Cloud(manifests, plugged('tap-a', 1), plugged('tap-b', 2))
  const [there, back] = [
    cloud.vm('vm-a').ping('10.0.1.5', GATEWAY_A),
    cloud.vm('vm-b').ping('10.0.0.5', GATEWAY_B),
  ]
  expect(there).toEqual([
    `vm-b: icmp,dl_src=${GATEWAY_B},dl_dst=02:00:00:00:00:02,nw_src=10.0.0.5,nw_dst=10.0.1.5,nw_ttl=63${ECHO_REQUEST}`,
  ])
  expect(back).toEqual([
    `vm-a: icmp,dl_src=${GATEWAY_A},dl_dst=02:00:00:00:00:01,nw_src=10.0.1.5,nw_dst=10.0.0.5,nw_ttl=63${ECHO_REQUEST}`,
  ])
  expect(cloud.packetIns).toBe(1)
})

test('what is sent to the neighbour itself is switched, as it is in the same network', () => {
  const cloud = new Cloud(manifests, plugged('tap-a', 1), plugged('tap-b', 2))
  expect(cloud.vm('vm-a').ping('10.0.1.5', '02:00:00:00:00:02')).toEqual([
    `vm-b: icmp,dl_src=02:00:00:00:00:01,dl_dst=02:00:00:00:00:02,nw_src=10.0.0.5,nw_dst=10.0.1.5,nw_ttl=64${ECHO_REQUEST}`,
  ])
  expect(cloud.packetIns).toBe(0)
})
