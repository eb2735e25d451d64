import { describe, expect, test } from '@jest/globals'
import { layer2Group, layer2Unicast } from '../../../src/features/layer2/index.js'
import {
  flowsOfFeature,
  manifestsOf,
  network,
  plugged,
  port,
  subnet,
  topologyOf,
} from '../../support/networks.js'

const manifests = manifestsOf(
  network('net1', 1),
  network('net2', 2),
  network('empty', 3),
  port('a', 'net1', { macAddress: '02:00:00:00:00:0a', interface: 'tap-a' }),
  port('b', 'net1', { macAddress: '02:00:00:00:00:0b', interface: 'tap-b' }),
  port('c', 'net2', { macAddress: '02:00:00:00:00:0a', interface: 'tap-c' }),
)
const topology = topologyOf(manifests, plugged('tap-a', 20), plugged('tap-b', 9), plugged('tap-c', 10))

test('a MAC address leads to its port in its own network, and to another one in another', () => {
  expect(flowsOfFeature(layer2Unicast, topology)).toEqual([
    'table=55, priority=100,metadata=0x1,dl_dst=02:00:00:00:00:0a actions=output:20',
    'table=55, priority=100,metadata=0x1,dl_dst=02:00:00:00:00:0b actions=output:9',
    'table=55, priority=100,metadata=0x2,dl_dst=02:00:00:00:00:0a actions=output:10',
  ])
})

describe('a group address', () => {
  test('leads to every port of the network, in the order of their numbers, and to no other', () => {
    expect(flowsOfFeature(layer2Group, topology)).toEqual([
      'table=55, priority=10,metadata=0x1,dl_dst=01:00:00:00:00:00/01:00:00:00:00:00 actions=output:9,output:20',
      'table=55, priority=10,metadata=0x2,dl_dst=01:00:00:00:00:00/01:00:00:00:00:00 actions=output:10',
    ])
  })

  test('leaves out a port that is not plugged', () => {
    expect(flowsOfFeature(layer2Group, topologyOf(manifests, plugged('tap-b', 9)))).toEqual([
      'table=55, priority=10,metadata=0x1,dl_dst=01:00:00:00:00:00/01:00:00:00:00:00 actions=output:9',
    ])
  })
})

test('the MAC address of an allowed pair leads to its port, unless another has it too', () => {
  const [own, shared] = ['00:00:5e:00:01:0a', '00:00:5e:00:01:0b']
  const pairs = (...macs: readonly string[]) =>
    macs.map((macAddress, i) => ({ ipAddress: `10.1.0.${100 + i}`, macAddress }))
  const topology = topologyOf(
    manifestsOf(
      ...[network('net1', 1), subnet('net1-v4', 'net1', '10.1.0.0/24')],
      port('a', 'net1', {
        ...{ macAddress: '02:00:00:00:00:0a', interface: 'tap-a' },
        allowedAddressPairs: pairs(own, shared, '02:00:00:00:00:0b'),
      }),
      port('b', 'net1', {
        ...{ macAddress: '02:00:00:00:00:0b', interface: 'tap-b' },
        allowedAddressPairs: pairs(shared),
      }),
    ),
    ...[plugged('tap-a', 1), plugged('tap-b', 2)],
  )
  expect([...flowsOfFeature(layer2Unicast, topology)].sort()).toEqual([
    `table=55, priority=100,metadata=0x1,dl_dst=${own} actions=output:1`,
    'table=55, priority=100,metadata=0x1,dl_dst=02:00:00:00:00:0a actions=output:1',
    'table=55, priority=100,metadata=0x1,dl_dst=02:00:00:00:00:0b actions=output:2',
  ])
})
