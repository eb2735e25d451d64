import { expect, test } from '@jest/globals'
import { tunnel } from '../../../src/features/tunnel/index.js'
import { flowsOfFeature, topologyOf, TWO_NETWORKS, twoNetworks } from '../../support/networks.js'

test('the packet mark carries the network across the patch port, both ways', () => {
  expect(flowsOfFeature(tunnel, twoNetworks())).toEqual([
    'priority=1000,in_port=6 actions=move:NXM_NX_PKT_MARK[]->OXM_OF_METADATA[0..31],goto_table:55',
    'table=60, priority=1 actions=move:NXM_NX_TUN_ID[0..31]->NXM_NX_PKT_MARK[],output:6',
  ])
})

test('a bridge without a patch port has no flow for it', () => {
  expect(flowsOfFeature(tunnel, topologyOf(TWO_NETWORKS))).toEqual([])
})
