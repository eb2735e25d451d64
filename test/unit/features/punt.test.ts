import { expect, test } from '@jest/globals'
import { punt } from '../../../src/features/punt/index.js'
import { PORT } from '../../../src/openflow/ports.js'
import { flowsOfFeature, plugged, topologyOf, TWO_NETWORKS } from '../../support/networks.js'

test('what a port asks passes the meter of its number; the own port of the bridge can have none', () => {
  const topology = topologyOf(TWO_NETWORKS, plugged('tap-vm1', 11), plugged('tap-vm2', PORT.LOCAL))
  expect(flowsOfFeature(punt, topology)).toEqual([
    'table=56, priority=100,in_port=11 actions=meter:11,CONTROLLER:65535',
    'table=56, priority=100,in_port=LOCAL actions=CONTROLLER:65535',
  ])
})
