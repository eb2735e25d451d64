import { expect, test } from '@jest/globals'
import { ownSubnet } from '../../../src/features/routing/index.js'
import { flowsOfFeature, manifestsOf, network, subnet, topologyOf } from '../../support/networks.js'

test('inside a subnet packets are switched, with no router needed', () => {
  const topology = topologyOf(
    manifestsOf(
      network('net1', 0x1f42),
      network('net2', 0xffffff),
      subnet('net1-v4', 'net1', '10.1.0.0/24'),
      subnet('net2-v4', 'net2', '10.1.0.0/24'),
      subnet('net2-more', 'net2', '192.168.4.0/30'),
    ),
  )
  expect([...flowsOfFeature(ownSubnet, topology)].sort()).toEqual([
    'table=52, priority=30,ip,metadata=0x1f42,nw_dst=10.1.0.0/24 actions=goto_table:55',
    'table=52, priority=30,ip,metadata=0xffffff,nw_dst=10.1.0.0/24 actions=goto_table:55',
    'table=52, priority=30,ip,metadata=0xffffff,nw_dst=192.168.4.0/30 actions=goto_table:55',
  ])
})
