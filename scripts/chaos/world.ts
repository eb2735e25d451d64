// Everything that a fault can hurt: a private switch, guests with traffic, manifests in git, the daemon.
import { join } from 'node:path'
import type { Lab } from '../../test/support/lab.js'
import { waitFor } from '../../test/support/wait.js'
import { Checker, SnapshotWatch } from './checker.js'
import { GUESTS, PATCHES, STRANGER } from './manifests.js'
import { Daemon, Database } from './processes.js'
import { ControlProxy } from './proxy.js'
import { ChaosRepository } from './repository.js'
import { type Guests, Traffic } from './traffic.js'

export interface World {
  readonly lab: Lab
  readonly guests: Guests
  readonly repository: ChaosRepository
  readonly proxy: ControlProxy
  readonly daemon: Daemon
  readonly database: Database
  readonly checker: Checker
  readonly snapshots: SnapshotWatch
  readonly traffic: Traffic
}

export interface WorldOptions {
  /** Seconds, for the daemon. */
  readonly sweepInterval: number
  /** Milliseconds between two pings of a stream. */
  readonly pingInterval: number
}

const SETTLE_MS = 30_000

/** Resolves when the switch is as the manifests say and the guests talk. */
export async function createWorld(lab: Lab, options: WorldOptions): Promise<World> {
  await lab.addBridge('br-int')
  await lab.addTunnelBridge()
  const guests = await bootGuests(lab)
  const stranger = await lab.addVm(STRANGER)
  await stranger.plug()
  await plugPatches(lab)
  const repository = await ChaosRepository.create(join(lab.runDir, 'git'))
  const proxy = await ControlProxy.open(lab)
  const sweep = ['--sweep-interval', String(options.sweepInterval)]
  const daemon = new Daemon(lab, [repository.clone, '--openflow', proxy.remote, ...sweep])
  daemon.start()
  const checker = new Checker(lab)
  await waitFor(async () => (await checker.look(repository.wanted)).right !== null, {
    what: 'the first pass',
    timeoutMs: SETTLE_MS,
  })
  const traffic = await Traffic.start(guests, stranger, options.pingInterval)
  const snapshots = new SnapshotWatch(lab)
  return { lab, guests, repository, proxy, daemon, database: new Database(lab), checker, snapshots, traffic }
}

async function bootGuests(lab: Lab): Promise<Guests> {
  const { a1, a2, a3, b1, b2 } = GUESTS
  const [vmA1, vmA2, vmA3, vmB1, vmB2] = await Promise.all(
    [a1, a2, a3, b1, b2].map((guest) => lab.addVm(guest)),
  )
  if (!vmA1 || !vmA2 || !vmA3 || !vmB1 || !vmB2) throw new Error('a guest did not boot')
  for (const vm of [vmA1, vmA2, vmA3, vmB1, vmB2]) await vm.plug()
  return { a1: vmA1, a2: vmA2, a3: vmA3, b1: vmB1, b2: vmB2 }
}

/** Patch ports need no device, so there may be many, and they survive everything that the database does. */
async function plugPatches(lab: Lab): Promise<void> {
  await lab.vsctl(...PATCHES.flatMap((name, i) => [...(i === 0 ? [] : ['--']), ...plugPatch(name)]))
}

/** The words of ovs-vsctl that plug a patch port without a peer. */
export function plugPatch(name: string): readonly string[] {
  const settings = ['type=patch', `options:peer=${name}-nobody`]
  return ['add-port', 'br-int', name, '--', 'set', 'Interface', name, ...settings]
}
