import { expect, test } from '@jest/globals'
import { ingress, unclaimed } from '../../../src/features/ingress/index.js'
import { flowsOfFeature, plugged, topologyOf, TWO_NETWORKS, twoNetworks } from '../../support/networks.js'

test('what comes in by a port gets the network of that port; its tagged frames are dropped', () => {
  expect(flowsOfFeature(ingress, twoNetworks())).toEqual([
    'priority=1001,in_port=11,vlan_tci=0x1000/0x1000 actions=drop',
    'priority=1000,in_port=11 actions=write_metadata:0x1f42/0xffffff,goto_table:1',
    'priority=1001,in_port=12,vlan_tci=0x1000/0x1000 actions=drop',
    'priority=1000,in_port=12 actions=write_metadata:0x1f43/0xffffff,goto_table:1',
  ])
})

test('a port that is not plugged has no flow', () => {
  expect(flowsOfFeature(ingress, topologyOf(TWO_NETWORKS, plugged('tap-vm2', 12)))).toHaveLength(2)
  expect(flowsOfFeature(ingress, topologyOf(TWO_NETWORKS))).toEqual([])
})

test('what comes in by any other port is dropped, whatever the manifests say', () => {
  expect(flowsOfFeature(unclaimed, topologyOf(TWO_NETWORKS))).toEqual(['priority=1 actions=drop'])
})
