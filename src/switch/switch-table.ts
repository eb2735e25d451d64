// The flows of a bridge through one OpenFlow connection: read by a dump, kept by the switch's flow monitor where it has
// one, and changed by bundles whose place among the changes of others the monitor tells.
import type { OpenFlowConnection } from '../openflow/connection.js'
import { OpenFlowError } from '../openflow/connection-errors.js'
import { MONITOR_COMMAND, MONITOR_FLAG } from '../openflow/messages/flow-monitor.js'
import type { FlowUpdate } from '../openflow/messages/flow-monitor.js'
import type { KnownMessage, Message } from '../openflow/messages/messages.js'
import { ALL_TABLES, ANY_GROUP, PORT } from '../openflow/ports.js'
import type { Change, FlowsByKey } from '../plan/plan.js'
import { type BundleOptions, BundlesUnknown, commitBundle, MessageRefused, sendInTurn } from './bundle.js'
import { dumpFlow, dumpFlows } from './dump.js'
import { flowModOf } from './flow-mods.js'
import { type ForeignChange, TableMirror } from './mirror.js'
import type { PacketOutMessage } from './packet-out.js'
import { SwitchMeters } from './switch-meters.js'

/** Somebody else changed the flow under a key, or may have. Without a change: nobody knows what was changed. */
export type OnForeignChange = (key: string | undefined, change: ForeignChange | undefined) => void

/** Why a flow was removed: its meter was (OpenFlow 1.5.1, section 7.4.2). */
const METER_DELETED = 4

/** More flows than that are not looked at one by one. */
const MAX_LOOKS = 64

/** The monitor pauses while we are behind; each dump waits until we are not. */
const MAX_DUMPS = 5

export interface TableOptions {
  readonly onForeignChange?: OnForeignChange
  /** Where the switch does not tell of changes: is one dump, and what we do ourselves, enough? Else each reading is a dump. */
  readonly isTrusted?: boolean
}

export class SwitchTable {
  readonly connection: OpenFlowConnection
  /** In doubt after each dump, and where flows went with their meter. */
  readonly meters: SwitchMeters
  readonly #mirror = new TableMirror()
  readonly #onForeignChange: OnForeignChange
  readonly #mayBeTrusted: boolean
  #isMonitored = false
  /** Has the monitor said anything yet? A switch may take the request and have no monitor all the same. */
  #wasTold = false
  #hasBundles = true

  constructor(connection: OpenFlowConnection, options: TableOptions = {}) {
    this.connection = connection
    this.meters = new SwitchMeters(connection)
    this.#onForeignChange = options.onForeignChange ?? (() => undefined)
    this.#mayBeTrusted = options.isTrusted ?? false
  }

  /** Flows by key, as of the last reading and all that was told since. */
  get flows(): FlowsByKey {
    return this.#mirror.flows
  }

  get isMonitored(): boolean {
    return this.#isMonitored
  }

  /** Nobody tells of changes, and nobody looks for them. */
  get isTrusted(): boolean {
    return this.#mayBeTrusted && !this.#isMonitored
  }

  /**
   * Has the switch tell of every change that others make, to `receive`. Before the first reading, so that nothing falls
   * between.
   * @returns false when this switch does not tell; then each reading is a dump
   */
  async monitor(): Promise<boolean> {
    const { add, removed, modify, instructions } = MONITOR_FLAG
    const monitor = {
      monitorId: 1,
      monitorFlags: add | removed | modify | instructions,
      tableId: ALL_TABLES,
      outPort: PORT.ANY,
      outGroup: ANY_GROUP,
      command: MONITOR_COMMAND.add,
      match: [],
    }
    try {
      await this.connection.multipart({ type: 'flow_monitor_request', flags: 0, monitors: [monitor] })
      this.#isMonitored = true
    } catch (error) {
      if (!(error instanceof OpenFlowError)) throw error
    }
    return this.#isMonitored
  }

  /** Takes what the connection's listener hears; what is no news of flows is passed over. */
  receive(message: Message): void {
    if (message.type === 'flow_removed' && !this.#isMonitored) this.#mirror.remove(message)
    if (message.type === 'flow_monitor_reply') for (const update of message.updates) this.#apply(update)
    // In OpenFlow 1.3 these are messages of their own.
    if (message.type === 'flow_monitor_paused') this.#apply({ event: 'paused' })
    if (message.type === 'flow_monitor_resumed') this.#apply({ event: 'resumed' })
  }

  #apply(update: FlowUpdate): void {
    this.#wasTold = true
    if (update.event === 'removed' && update.reason === METER_DELETED) this.meters.distrust()
    const key = this.#mirror.apply(update)
    if (key !== undefined) this.#onForeignChange(key, update as ForeignChange)
    else if (update.event === 'resumed') this.#onForeignChange(undefined, undefined)
  }

  /** The next reading is a dump, whatever the monitor told: it tells nothing of flags, for one. */
  distrust(): void {
    this.#mirror.distrust()
  }

  /**
   * Makes `flows` agree with the switch.
   * @returns true when that took a dump
   */
  async read(): Promise<boolean> {
    if (this.#isSure) return false
    this.meters.distrust()
    let dumps = 0
    do {
      const since = this.#mirror.record()
      this.#mirror.fill(await dumpFlows(this.connection), since)
    } while (this.#isMonitored && !this.#mirror.isComplete && ++dumps < MAX_DUMPS)
    return true
  }

  /**
   * Looks at those flows that somebody has added, for what the monitor does not tell.
   * @returns true when that took a whole dump
   */
  async look(keys: Iterable<string>): Promise<boolean> {
    const unsure = [...keys].filter((key) => this.#mirror.isUnsure(key))
    if (unsure.length > MAX_LOOKS) {
      this.distrust()
      return this.read()
    }
    if (unsure.length === 0) return false
    const since = this.#mirror.record()
    const looked = unsure.map(async (key) => {
      const flow = this.flows.get(key)
      return [key, flow && (await dumpFlow(this.connection, flow))] as const
    })
    this.#mirror.update(new Map(await Promise.all(looked)), since)
    return false
  }

  /** Says that a flow is as this record says: comparing it again costs nothing. */
  settle(key: string, flow: Parameters<TableMirror['settle']>[1]): void {
    this.#mirror.settle(key, flow)
  }

  /**
   * Changes flows and then sends packets, in one atomic bundle; one after the other on a switch that has no bundles.
   * @param isLoose as for `commitBundle`
   * @returns true when `flows` is right: the monitor has told that it was done, or the switch is trusted. Else the next
   *   reading is a dump.
   * @throws as `commitBundle`
   */
  async commit(
    changes: readonly Change[],
    packets: readonly PacketOutMessage[],
    isLoose = false,
  ): Promise<boolean> {
    const { version } = this.connection
    const messages: KnownMessage[] = [...changes.map((change) => flowModOf(change, version)), ...packets]
    let isDone = false
    try {
      await this.#send(messages, { isLoose, onXids: (xids) => this.#mirror.expect(xids, changes) })
      isDone = true
    } catch (error) {
      // The monitor named all of them.
      if (error instanceof MessageRefused && error.isRestDone) this.distrust()
      throw error
    } finally {
      // The switch tells of the changes before it answers the commit.
      const isAddLost = isDone && changes.some(({ kind }) => kind === 'add')
      if (this.#mirror.isExpecting && isAddLost && !this.#wasTold) this.#isMonitored = false
      this.#mirror.endExpectation(isDone && this.isTrusted)
      if (!this.#isMonitored && !this.#mayBeTrusted) this.distrust()
    }
    return this.#isSure
  }

  async #send(messages: readonly KnownMessage[], options: BundleOptions): Promise<void> {
    const { onXids } = options
    if (!this.#hasBundles) return sendInTurn(this.connection, messages, onXids)
    try {
      await commitBundle(this.connection, messages, options)
    } catch (error) {
      if (!(error instanceof BundlesUnknown)) throw error
      this.#hasBundles = false
      await sendInTurn(this.connection, messages, onXids)
    }
  }

  get #isSure(): boolean {
    return (this.#isMonitored || this.#mayBeTrusted) && this.#mirror.isComplete
  }
}
