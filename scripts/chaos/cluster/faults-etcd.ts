// Faults of etcd, and of what nodes agree about by it: members that die, and ports that several nodes claim.
import { setTimeout as sleep } from 'node:timers/promises'
import { runCli } from '../../../test/support/cli.js'
import { waitFor } from '../../../test/support/wait.js'
import { Finding } from '../fault.js'
import type { Contested } from './checker.js'
import { type ClusterFault, mustBeRight } from './fault.js'
import type { Machine } from './machine.js'
import type { ClusterWorld } from './world.js'

/** The interface that bears a port's iface-id a second time. */
const TWIN = 'twin'

export const ETCD_FAULTS: readonly ClusterFault[] = [
  {
    name: 'etcd-leader-kill',
    costs: 'none',
    strike: async ({ etcd }, random) => {
      const leader = await etcd.leader()
      await etcd.stop(leader)
      await sleep(random.between(0, 3_000))
      await etcd.start(leader)
      return []
    },
  },
  {
    name: 'etcd-quorum-lost',
    costs: 'none',
    strike: async (world, random) => {
      const { etcd, machines, options } = world
      const last = random.pick(machines)
      const lost = machines.filter((machine) => machine !== last)
      await Promise.all(lost.map(({ node }) => etcd.stop(node)))
      await sleep(options.quorumLoss * 1000)
      await mustBeRight(world, 'while etcd had no quorum')
      for (const machine of machines) await mustSay(machine, 'etcd has not answered since')
      await Promise.all(lost.map(({ node }) => etcd.start(node)))
      return []
    },
  },
]

export const CLAIM_FAULTS: readonly ClusterFault[] = [
  {
    // Whoever has the port keeps it.
    name: 'port-claimed-twice',
    costs: 'none',
    strike: async (world, random) => {
      const { holder, rivals } = roles(world)
      const rival = random.pick(rivals)
      await rival.plugPatch(TWIN, 'wanderer')
      await mustBeRight(world, 'with a port that two nodes claim', {
        candidates: [{ wanderer: holder.name }],
      })
      await mustSay(rival, `node ${holder.name} has bound the port`)
      await rival.unplug(TWIN)
      return []
    },
  },
  {
    // Its holder lets it go while two others want it: etcd decides who is next, and when that one lets go the other is.
    name: 'port-raced-for',
    costs: 'wanderer',
    strike: async (world) => {
      const { holder, rivals } = roles(world)
      await Promise.all(rivals.map((rival) => rival.plugPatch(TWIN, 'wanderer')))
      await world.guests.wanderer.unplug()
      const winner = await agreedHolder(world, rivals)
      await winner.unplug(TWIN)
      await mustBeRight(world, `after ${winner.name} let the port go`)
      await world.guests.wanderer.plug({ externalIds: { 'iface-id': 'wanderer' } })
      for (const rival of rivals) if (rival !== winner) await rival.unplug(TWIN)
      return [holder.name]
    },
  },
  {
    name: 'guest-moves',
    costs: 'wanderer',
    strike: async (world) => {
      const { holder } = roles(world)
      const to = world.machine(holder.name === 'node-b' ? 'node-c' : 'node-b')
      await world.cluster.move(world.guests.wanderer, to.node, { externalIds: { 'iface-id': 'wanderer' } })
      world.places.set('wanderer', to.name)
      return [holder.name, to.name]
    },
  },
]

function roles(world: ClusterWorld): { readonly holder: Machine; readonly rivals: readonly Machine[] } {
  const holder = world.machine(world.places.get('wanderer') ?? 'node-b')
  return { holder, rivals: world.machines.filter((machine) => machine !== holder) }
}

/** The one that all switches take for the holder. */
async function agreedHolder(world: ClusterWorld, rivals: readonly Machine[]): Promise<Machine> {
  const candidates = rivals.map(({ name }): Contested => ({ wanderer: name }))
  const { right } = await world.untilRight(20, { candidates })
  const winner = right === null ? undefined : rivals[right]
  if (!winner) throw new Finding('the nodes do not agree who has a port that two of them claim')
  return winner
}

/** The operator is told. */
async function mustSay({ node, name }: Machine, words: string): Promise<void> {
  const look = async (): Promise<boolean> =>
    (await runCli(['status', '-o', 'json'], { env: node.lab.env })).stdout.includes(words)
  await waitFor(look, { timeoutMs: 10_000, everyMs: 200 }).catch(() => {
    throw new Finding(`the status of ${name} does not say: ${words}`)
  })
}
