import { expect, test } from '@jest/globals'
import { arpResponder } from '../../../src/features/arp-responder/index.js'
import {
  flowsOfFeature,
  manifestsOf,
  network,
  router,
  subnet,
  topologyOf,
  twoNetworks,
} from '../../support/networks.js'

test('the gateway of each network answers in its own network, to the asker', () => {
  const answer = (mac: string, address: string) =>
    'set_field:2->arp_op,move:NXM_NX_ARP_SHA[]->NXM_NX_ARP_THA[],move:NXM_OF_ARP_SPA[]->NXM_OF_ARP_TPA[],' +
    `move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],set_field:${mac}->eth_src,set_field:${mac}->arp_sha,` +
    `set_field:${address}->arp_spa,IN_PORT`
  expect(flowsOfFeature(arpResponder, twoNetworks())).toEqual([
    `table=51, send_flow_rem priority=100,arp,metadata=0x1f42,arp_tpa=10.1.0.1,arp_op=1 actions=${answer('fa:16:3e:c0:8d:8b', '10.1.0.1')}`,
    `table=51, send_flow_rem priority=100,arp,metadata=0x1f43,arp_tpa=10.2.0.1,arp_op=1 actions=${answer('fa:16:3e:c5:02:4d', '10.2.0.1')}`,
  ])
})

test('each of two routers in one subnet answers for its own address', () => {
  const topology = topologyOf(
    manifestsOf(
      network('net1', 1),
      subnet('net1-v4', 'net1', '10.0.0.0/24'),
      router('r1', { 'net1-v4': ['02:00:00:00:00:01', '10.0.0.1'] }),
      router('r2', { 'net1-v4': ['02:00:00:00:00:02', '10.0.0.2'] }),
    ),
  )
  expect(flowsOfFeature(arpResponder, topology).map((text) => /arp_tpa=[0-9.]+/.exec(text)?.[0])).toEqual([
    'arp_tpa=10.0.0.1',
    'arp_tpa=10.0.0.2',
  ])
})

test('a subnet without a router has no responder', () => {
  const topology = topologyOf(manifestsOf(network('net1', 1), subnet('net1-v4', 'net1', '10.0.0.0/24')))
  expect(flowsOfFeature(arpResponder, topology)).toEqual([])
})
