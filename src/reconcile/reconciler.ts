// One node's bridge: inputs (topology, packets) in, passes that make the switch agree with them out. A pass is the only
// thing that writes flows. Passes never overlap; whoever calls them sees to that.
import type { CompileMemory } from '../compile/compiler.js'
import { type DesiredFlow, type DesiredFlows, mergeDesired } from '../compile/desired.js'
import { isConnectionFlow } from '../compile/observed.js'
import type { ReconcileError } from '../errors/error.js'
import { type Flow, flowKey } from '../openflow/flow.js'
import type { PacketIn } from '../openflow/messages/packet.js'
import { isOurs } from '../pipeline/cookie.js'
import type { Feature } from '../pipeline/feature.js'
import type { Held } from '../plan/guard.js'
import type { PacketInLimit } from '../plan/meters.js'
import { adoptFlows, type Change, diffKeys, diffTables, flowOf, type Plan } from '../plan/plan.js'
import { NOTHING_OUTSTANDING, type Outstanding } from '../status/knowledge.js'
import { failpoint } from '../switch/failpoints.js'
import type { ForeignChange } from '../switch/mirror.js'
import type { SwitchTable } from '../switch/switch-table.js'
import type { Topology } from '../topology/topology.js'
import { applyChanges, verifyFlows } from './apply.js'
import type { Hold } from './deletion-guard.js'
import {
  type DriftListener,
  DriftPolicy,
  type Judged,
  keyOfChange,
  NO_LISTENER,
  type OnDrift,
} from './drift-policy.js'
import { DriftWatch } from './drift-watch.js'
import { prepareMeters, removeMeters } from './meters.js'
import { type Flushed, type FlushTarget, planFlush } from './flush.js'
import { stillOutstanding } from './outstanding.js'
import { desiredFlows } from './planner.js'
import { Quarantine } from './quarantine.js'
import { NO_REACTION, type Reaction, ReactivePath, type ReactiveOptions } from './reactive-path.js'
import type { RefusedObject } from './refusal.js'

export interface ReconcilerOptions extends ReactiveOptions {
  readonly packetInLimit: PacketInLimit
  /** Those of the bridge; of the integration bridge unless given. */
  readonly features?: readonly Feature[]
  /** Foreign flows that do what ours should are taken over; they are conflicts unless given. */
  readonly adopt?: boolean
  /** Told why the switch has no flows for a connection. */
  readonly onRefusedConnection?: (error: ReconcileError) => void
  /** For whoever stays and hears of what others change. */
  readonly drift?: DriftOptions
}

export interface DriftOptions {
  readonly onDrift: OnDrift
  readonly listener: DriftListener
  /** Asks for a drift pass. */
  readonly ask: () => void
}

const NO_DRIFT: DriftOptions = { onDrift: 'correct', listener: NO_LISTENER, ask: () => undefined }

/** What the switch was made to agree with. */
interface Agreed {
  readonly table: SwitchTable
  /** Connections come and go in it. */
  readonly desired: Map<string, DesiredFlow>
}

interface Made<C extends Change = Change> {
  readonly isTold: boolean
  /** Without what the switch refused. */
  readonly made: readonly C[]
}

export class Reconciler {
  readonly #options: ReconcilerOptions
  readonly #drift: DriftOptions
  readonly #driftWatch: DriftWatch
  readonly #policy: DriftPolicy
  readonly #reactive: ReactivePath
  readonly #memory: CompileMemory = new Map()
  #agreed: Agreed | undefined
  readonly #quarantine = new Quarantine()
  #held: Held | undefined
  #outstanding = NOTHING_OUTSTANDING

  constructor(options: ReconcilerOptions) {
    const { now, drift = NO_DRIFT } = options
    this.#options = options
    this.#reactive = new ReactivePath(options)
    this.#drift = drift
    this.#driftWatch = new DriftWatch({ most: () => this.#agreed?.desired.size ?? 0, ask: drift.ask, now })
    this.#policy = new DriftPolicy(drift.onDrift)
  }

  /** Deletions that the last full pass held back. */
  get held(): Held | undefined {
    return this.#held
  }

  /** What is not as it was wanted, as the passes so far saw it; the same record as long as nothing of it changes. */
  get outstanding(): Outstanding {
    return this.#outstanding
  }

  /** Wanted flows that another program changes again and again. */
  contended(): readonly DesiredFlow[] {
    const desired = this.#agreed?.desired
    return this.#policy.contended(this.#options.now()).flatMap((key) => desired?.get(key) ?? [])
  }

  /** Looks at what is there and writes nothing: from here on what others change is no drift, until the next full pass. */
  async observe(table: SwitchTable): Promise<void> {
    this.#agreed = undefined
    this.#outstanding = NOTHING_OUTSTANDING
    this.#driftWatch.clear()
    if (await table.read()) this.#reactive.observed.readFrom(table.flows.values(), this.#options.now())
  }

  /** Objects whose flows the switch does not take; a full pass tries them again when they change, or after a while. */
  get refused(): readonly RefusedObject[] {
    return this.#quarantine.objects
  }

  /** The switch says that a flow has gone. */
  flowRemoved(flow: Pick<Flow, 'cookie' | 'match' | 'tableId' | 'priority'>): void {
    if (!isConnectionFlow(flow)) return
    this.#reactive.observed.removed(flow)
    this.#agreed?.desired.delete(flowKey(flow))
  }

  /** The table says that somebody else changed a flow: asks for a drift pass where that concerns a flow of ours. */
  foreignChange(key: string | undefined, change: ForeignChange | undefined): void {
    if (!this.#agreed || this.#drift.onDrift === 'ignore') return
    if (key === undefined || !change) {
      this.#driftWatch.add(undefined)
      return
    }
    const { desired } = this.#agreed
    const isRemoved = change.event === 'removed'
    if (isRemoved && isConnectionFlow(change)) {
      this.#reactive.observed.removed(change)
      desired.delete(key)
    }
    const isExtra = !isRemoved && isOurs(change.cookie)
    if (desired.has(key) || isExtra) this.#driftWatch.add(key)
  }

  /**
   * Makes the switch agree: what it holds is compared, and one bundle changes it. A dump comes before and after it where
   * the switch does not tell of every change. Packets that wait get their flows in the same bundle.
   * @param hold what of it has to wait for a yes; nothing unless given
   * Objects whose flows the switch refuses are left out: see `refused`.
   * @returns what was done; flows that somebody fights over may not be in it
   * @throws ReconcileError FLOW_REFUSED where nothing can be left out, NOT_VERIFIED or of the connection. Nothing was
   *   applied, but for NOT_VERIFIED.
   */
  async fullPass(
    table: SwitchTable,
    topology: Topology,
    packets: readonly PacketIn[] = [],
    hold: Hold = NO_HOLD,
  ): Promise<Plan> {
    const { timeouts, now, adopt = false, features } = this.#options
    if (this.#agreed?.table !== table) this.#driftWatch.clear()
    const before = this.#agreed?.table === table ? this.#agreed.desired : undefined
    await failpoint('before-dump')
    const isRead = await table.read()
    await failpoint('after-dump')
    if (isRead) this.#reactive.observed.readFrom(table.flows.values(), now())
    const reaction = this.#reactive.react(topology, packets)
    const staying = this.#reactive.staying(reaction)
    const model = desiredFlows(topology, staying, timeouts, this.#memory, features)
    const { desired: allowed, held } = hold(withAsked(model, reaction), [...table.flows.values()])
    this.#held = held
    const { desired, meters } = await this.#prepareMeters(table, allowed, before)
    const compared = diffTables(desired, table.flows)
    const plan = adopt ? adoptFlows(compared) : compared
    settle(table, desired, plan)
    const admitted = this.#quarantine.admit(plan.changes, now())
    const judged = this.#judge(admitted, before, desired)
    this.#drift.listener.left(judged.left)
    this.#found(undefined, { conflicts: plan.conflicts, left: judged.left })
    const agreed = { table, desired: withoutFlows(desired, plan.changes, admitted) }
    const { isTold, made } = await this.#agree(agreed, judged.changes, reaction)
    this.#quarantine.settle(plan.changes, made)
    this.#noteRepairs(judged, made)
    if (!isTold) await this.#verify(table, judged)
    return { ...plan, changes: made, meters: await removeMeters(table, meters) }
  }

  /** From here on what others change is drift from the new state; where that is refused, from the one before. */
  async #agree(agreed: Agreed, changes: readonly Change[], reaction: Reaction): Promise<Made> {
    const before = this.#agreed
    this.#agreed = agreed
    try {
      return await this.#apply(agreed.table, changes, reaction)
    } catch (error) {
      this.#agreed = before
      throw error
    }
  }

  /** A second look. Where others may have changed flows meanwhile, what they did is drift and no failure of ours. */
  async #verify(table: SwitchTable, { changes, left, postponed }: Judged): Promise<void> {
    if (changes.length === 0 || !this.#agreed) return
    if (table.isMonitored) {
      this.#driftWatch.add(undefined)
      return
    }
    const stays = new Set(left.map(keyOfChange))
    await verifyFlows(table, this.#agreed.desired, (change) => {
      const key = keyOfChange(change)
      return stays.has(key) || postponed.has(key)
    })
  }

  /**
   * Puts right what others changed, as far as it was told: the flows under these keys are compared with what was wanted
   * at the last pass, and one bundle changes them. Connections that have gone are forgotten.
   * @returns true when a full pass is due: a foreign flow stands where ours should be, or somebody made a connection
   * @throws as `fullPass`
   */
  async driftPass(table: SwitchTable): Promise<boolean> {
    const { now } = this.#options
    const started = now()
    const { keys, isAll, since = started } = this.#driftWatch.take()
    if (this.#agreed?.table !== table || (keys.size === 0 && !isAll)) return false
    const { desired } = this.#agreed
    const isRead = (await table.read()) || (await table.look(isAll ? table.flows.keys() : keys))
    if (isRead) this.#reactive.observed.readFrom(table.flows.values(), now())
    if (table.meters.isInDoubt) await this.#prepareMeters(table, desired, desired)
    const plan = isRead || isAll ? diffTables(desired, table.flows) : diffKeys(keys, desired, table.flows)
    const lasting = plan.changes.filter((change) => !this.#forgetConnection(desired, change))
    const judged = this.#judge(lasting, desired, desired)
    if (judged.left.length > 0) this.#drift.listener.left(judged.left)
    const { conflicts } = plan
    this.#found(isRead || isAll ? undefined : keys, { conflicts, left: judged.left })
    if (judged.changes.length > 0) {
      const { isTold, made } = await this.#apply(table, judged.changes, NO_REACTION)
      if (!isTold) this.#driftWatch.add(undefined)
      this.#drift.listener.repaired(made, now() - since)
      this.#noteRepairs(judged, made)
    }
    const isForged = plan.changes.some((change) => change.kind !== 'add' && isConnectionFlow(flowOf(change)))
    return isForged || conflicts.length > 0
  }

  #prepareMeters(table: SwitchTable, desired: DesiredFlows, before: DesiredFlows | undefined) {
    const [limit, { onDrift }] = [this.#options.packetInLimit, this.#drift]
    return prepareMeters(table, desired, { limit, onDrift, before })
  }

  #found(looked: ReadonlySet<string> | undefined, found: Outstanding): void {
    this.#outstanding = stillOutstanding(this.#outstanding, looked, found)
  }

  /** Flows of connections come and go by themselves: none is put back, and a new one waits for a full pass. */
  #forgetConnection(desired: Map<string, DesiredFlow>, change: Change): boolean {
    const flow = flowOf(change)
    if (!isConnectionFlow(flow) || (change.kind !== 'add' && change.kind !== 'delete')) return false
    if (change.kind === 'add') {
      desired.delete(change.desired.key)
      this.#reactive.observed.removed(flow)
    }
    return true
  }

  #noteRepairs({ drift }: Judged, made: readonly Change[]): void {
    const isMade = new Set(made)
    const repaired = drift.filter((change) => isMade.has(change))
    this.#policy.repaired(repaired, this.#options.now(), this.#drift.listener)
  }

  #judge(changes: readonly Change[], before: DesiredFlows | undefined, desired: DesiredFlows): Judged {
    const judged = this.#policy.judge(changes, before, desired, this.#options.now())
    for (const [key, until] of judged.postponed) this.#driftWatch.postpone(key, until)
    return judged
  }

  /**
   * Gives the connections that these packets open their flows, and sends the packets on behind them. What is refused is
   * answered, and remembered by the switch.
   * @returns true when a packet came of a connection whose flow was thought to be there: time for a full pass, as others
   *   may be missing
   */
  async connectionPass(
    table: SwitchTable,
    topology: Topology,
    packets: readonly PacketIn[],
  ): Promise<boolean> {
    const reaction = this.#reactive.react(topology, packets)
    const gone = this.#reactive.refusedOf(topology, reaction.muted)
    const changes = [
      ...gone.map(({ flow }) => ({ kind: 'delete', installed: flow }) as const),
      ...reaction.flows.map(({ desired }) => ({ kind: 'add', desired }) as const),
    ]
    const { made } = await this.#apply(table, changes, reaction, true)
    const agreed = this.#agreed?.table === table ? this.#agreed.desired : undefined
    for (const change of made)
      if (change.kind === 'add') agreed?.set(keyOfChange(change), change.desired)
      else agreed?.delete(keyOfChange(change))
    if (!reaction.isStale || table.isTrusted) return false
    table.distrust()
    return true
  }

  /**
   * Removes what was made from packets that pass this object, in one bundle: their next packets are first ones again.
   * @throws ReconcileError of the connection; nothing was removed then
   */
  async flush(table: SwitchTable, topology: Topology, target: FlushTarget): Promise<Flushed> {
    if (await table.read()) this.#reactive.observed.readFrom(table.flows.values(), this.#options.now())
    const { changes, flushed } = planFlush(topology, table.flows.values(), target)
    if (changes.length > 0) await this.#apply(table, changes, NO_REACTION)
    const agreed = this.#agreed?.table === table ? this.#agreed.desired : undefined
    for (const change of changes) agreed?.delete(keyOfChange(change))
    return flushed
  }

  /** What the switch refuses is not wanted of it any more, until a full pass tries again. */
  async #apply<C extends Change>(
    table: SwitchTable,
    changes: readonly C[],
    reaction: Reaction,
    isLoose = false,
  ): Promise<Made<C>> {
    const { counters, now } = this.#options
    const { isTold, refusals } = await applyChanges(table, changes, reaction.packets, isLoose)
    for (const refusal of refusals) {
      this.#quarantine.add(refusal, now())
      if (refusal.connection) this.#options.onRefusedConnection?.(refusal.connection)
      for (const change of refusal.changes) {
        this.#agreed?.desired.delete(keyOfChange(change))
        if (isConnectionFlow(flowOf(change))) this.#reactive.observed.removed(flowOf(change))
      }
    }
    const isRefused = (change: Change) => refusals.some((refusal) => refusal.changes.has(change))
    const made = refusals.length === 0 ? changes : changes.filter((change) => !isRefused(change))
    for (const change of made)
      if (change.kind === 'delete' && isConnectionFlow(flowOf(change)))
        this.#reactive.observed.removed(flowOf(change))
    if (reaction.flows.length > 0) {
      const keys = refusals.length === 0 ? undefined : new Set(made.map(keyOfChange))
      this.#reactive.installed(reaction, ({ key }) => keys?.has(key) ?? true)
    }
    counters.passes++
    counters.flowMods += made.length
    return { isTold, made }
  }
}

const NO_HOLD: Hold = (desired) => ({ desired, held: undefined })

/** Flows that are as they should be are the very records of what should be: the next comparison is quick. */
function settle(table: SwitchTable, desired: DesiredFlows, { changes, conflicts }: Plan): void {
  const others = new Set([...changes.map(keyOfChange), ...conflicts.map((conflict) => conflict.desired.key)])
  for (const [key, { flow }] of desired) if (!others.has(key)) table.settle(key, flow)
}

/** What is wanted of the switch: not the flows whose changes were not admitted. */
function withoutFlows(
  desired: DesiredFlows,
  changes: readonly Change[],
  admitted: readonly Change[],
): Map<string, DesiredFlow> {
  const wanted = new Map(desired)
  if (admitted.length === changes.length) return wanted
  const isAdmitted = new Set(admitted)
  for (const change of changes) if (!isAdmitted.has(change)) wanted.delete(keyOfChange(change))
  return wanted
}

function withAsked(desired: DesiredFlows, { flows }: Reaction): DesiredFlows {
  if (flows.length === 0) return desired
  return mergeDesired([...desired.values(), ...flows.map((asked) => asked.desired)])
}
