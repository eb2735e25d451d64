// The flows that are there whatever the manifests say.
import { expect, test } from '@jest/globals'
import { arp } from '../../../src/features/arp-responder/index.js'
import { canary } from '../../../src/features/canary/index.js'
import { classify } from '../../../src/features/classify/index.js'
import { routing } from '../../../src/features/routing/index.js'
import { flowsOfFeature, manifestsOf, network, topologyOf } from '../../support/networks.js'

const almostNothing = topologyOf(manifestsOf(network('net1', 1)))

test('the canary drops in a table that no packet meets', () => {
  expect(flowsOfFeature(canary, almostNothing)).toEqual(['table=23, priority=0 actions=drop'])
})

test('ARP goes to the services, group addresses and IPv6 to layer 2, everything else to routing', () => {
  expect(flowsOfFeature(classify, almostNothing)).toEqual([
    'table=40, priority=1000,arp actions=goto_table:51',
    'table=40, priority=100,dl_dst=ff:ff:ff:ff:ff:ff actions=goto_table:55',
    'table=40, priority=10,dl_dst=01:00:00:00:00:00/01:00:00:00:00:00 actions=goto_table:55',
    'table=40, priority=10,ipv6 actions=goto_table:55',
    'table=40, priority=1 actions=goto_table:52',
  ])
})

test('ARP that no responder answers goes to layer 2', () => {
  expect(flowsOfFeature(arp, almostNothing)).toEqual(['table=51, priority=1 actions=goto_table:55'])
})

test('what no subnet and no router takes goes out of the networks', () => {
  expect(flowsOfFeature(routing, almostNothing)).toEqual(['table=52, priority=1 actions=goto_table:53'])
})
