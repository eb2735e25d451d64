// All faults of many nodes; those of switches and manifests are here. A fault ends by itself: what it stopped goes on, what it
// spoiled is restored; what it leaves wrong is for the daemons to mend.
import { setTimeout as sleep } from 'node:timers/promises'
import { OURS } from '../faults-switch.js'
import type { ClusterFault } from './fault.js'
import { CLAIM_FAULTS, ETCD_FAULTS } from './faults-etcd.js'
import { CABLE_FAULTS, DAEMON_FAULTS, SWITCH_FAULTS } from './faults-nodes.js'
import { SPARES } from './manifests.js'

/** Nothing happens: what the machine itself loses and delays. */
const NOTHING: ClusterFault = {
  name: 'nothing',
  costs: 'none',
  strike: async () => {
    await sleep(500)
    return []
  },
}

const COMMIT: ClusterFault = {
  name: 'commit',
  costs: 'none',
  strike: async (world, random) => {
    const all = Array.from({ length: SPARES }, (_, i) => i)
    await world.writeManifests(all.filter(() => random.next() < 0.5))
    return []
  },
}

/** By what ovs-ofctl is told, and on which bridge. */
const flowFault = (name: string, costs: 'remote' | 'node', words: readonly string[]): ClusterFault => ({
  name,
  costs,
  strike: async (world, random) => {
    const machine = random.pick(world.machines)
    await machine.node.lab.ofctl(...words)
    return [machine.name]
  },
})

const portFault = (name: string, bridge: string, port: string): ClusterFault => ({
  name,
  costs: 'remote',
  strike: async (world, random) => {
    const machine = random.pick(world.machines)
    await machine.node.lab.vsctl('del-port', bridge, port)
    return [machine.name]
  },
})

export const CLUSTER_FAULTS: readonly ClusterFault[] = [
  NOTHING,
  COMMIT,
  ...DAEMON_FAULTS,
  ...SWITCH_FAULTS,
  ...CABLE_FAULTS,
  ...ETCD_FAULTS,
  ...CLAIM_FAULTS,
  flowFault('flows-delete-int', 'node', ['del-flows', 'br-int', OURS]),
  flowFault('flows-delete-tun', 'remote', ['del-flows', 'br-tun', OURS]),
  flowFault('flows-change-tun', 'remote', ['mod-flows', 'br-tun', 'table=20,actions=drop']),
  portFault('tunnel-port-deleted', 'br-tun', 'tun'),
  portFault('patch-port-deleted', 'br-int', 'patch-tun'),
]
