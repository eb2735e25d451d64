// Faults of machines: their daemons, their switches, all of them at once, and the cables between them.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../random.js'
import { type ClusterFault, mustBeRight } from './fault.js'
import type { Machine } from './machine.js'
import type { ClusterWorld } from './world.js'

/** No lease of 15 s is left. */
const LEASES_OVER_MS = 17_000

/** A fault of one machine, whichever is drawn. */
function ofMachine(
  name: string,
  costs: ClusterFault['costs'],
  strike: (machine: Machine, world: ClusterWorld, random: Random) => Promise<unknown>,
): ClusterFault {
  return {
    name,
    costs,
    strike: async (world, random) => {
      const machine = random.pick(world.machines)
      await strike(machine, world, random)
      return [machine.name]
    },
  }
}

export const DAEMON_FAULTS: readonly ClusterFault[] = [
  ofMachine('daemon-kill', 'none', async ({ daemon }, _world, random) => {
    await daemon.stop('SIGKILL')
    await sleep(random.between(0, 2_000))
    daemon.start()
  }),
  {
    name: 'daemons-kill-all',
    costs: 'none',
    strike: async (world) => {
      await Promise.all(world.machines.map(({ daemon }) => daemon.stop('SIGKILL')))
      for (const { daemon } of world.machines) daemon.start()
      return []
    },
  },
  // Longer than all leases: whoever is back first hears of nobody, and is not to believe that nobody is there.
  {
    name: 'daemons-away-all',
    costs: 'none',
    strike: async (world) => {
      await Promise.all(world.machines.map(({ daemon }) => daemon.stop('SIGKILL')))
      await sleep(LEASES_OVER_MS)
      for (const { daemon } of world.machines) daemon.start()
      return []
    },
  },
  // Longer than its lease: nobody sends to it any more, and its own switch goes on.
  ofMachine('daemon-away', 'remote', async ({ daemon, name }, world) => {
    await daemon.stop('SIGKILL')
    await mustBeRight(world, `after the lease of ${name} was over`, { unseen: [name] })
    daemon.start()
  }),
]

export const SWITCH_FAULTS: readonly ClusterFault[] = [
  ofMachine('vswitchd-kill', 'node', ({ node }, { cluster }) => cluster.restartSwitchd(node, 'SIGKILL')),
  ofMachine('node-kill', 'node', async (machine, _world, random) => {
    await machine.kill()
    await sleep(random.between(0, 2_000))
    await machine.boot()
  }),
  // Longer than its lease: to the others its ports are nowhere.
  ofMachine('node-dead', 'node', async (machine, world) => {
    await machine.kill()
    const { name } = machine
    await mustBeRight(world, `while ${name} was dead`, { away: [name], unseen: [name] })
    await machine.boot()
  }),
]

export const CABLE_FAULTS: readonly ClusterFault[] = [
  ofMachine('underlay-cut', 'remote', async ({ node }, { cluster }, random) => {
    await cluster.cut(node)
    await sleep(random.between(500, 4_000))
    await cluster.mend(node)
  }),
  ofMachine('etcd-cut', 'none', async ({ node }, { cluster }, random) => {
    await cluster.setManagement(node, 'down')
    await sleep(random.between(500, 4_000))
    await cluster.setManagement(node, 'up')
  }),
  // Longer than its lease: the others forget its ports, and it remembers theirs.
  ofMachine('etcd-cut-long', 'remote', async ({ node, name }, world) => {
    await world.cluster.setManagement(node, 'down')
    await mustBeRight(world, `while etcd was out of reach for ${name}`, { unseen: [name] })
    await world.cluster.setManagement(node, 'up')
  }),
  {
    name: 'underlay-cut-all',
    costs: 'remote',
    strike: async (world, random) => {
      const { cluster, machines } = world
      await Promise.all(machines.map(({ node }) => cluster.cut(node)))
      await sleep(random.between(500, 4_000))
      await Promise.all(machines.map(({ node }) => cluster.mend(node)))
      return machines.map(({ name }) => name)
    },
  },
]
