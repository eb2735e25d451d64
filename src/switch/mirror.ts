// What the switch holds, as far as one connection knows: dumps, news of the flow monitor and our own changes in, flows by
// key out. Pure state: it sends nothing and has no clock.
import { type Flow, flowInstructions, flowKey } from '../openflow/flow.js'
import type { FlowUpdate } from '../openflow/messages/flow-monitor.js'
import { isOurs } from '../pipeline/cookie.js'
import { type Change, flowOf, type FlowsByKey } from '../plan/plan.js'
import type { Xids } from './bundle.js'

/** A change that somebody else made: the flow as it is then, or as it was. */
export type ForeignChange = Extract<FlowUpdate, { readonly event: 'added' | 'modified' | 'removed' }>

interface Expected {
  readonly xids: Xids
  readonly changes: readonly Change[]
}

/** Changes since something was asked for: the answer may be older or newer than each of them. */
export type Recording = ForeignChange[]

export class TableMirror {
  #flows = new Map<string, Flow>()
  /** Flows that somebody added: the monitor does not say with which flags and importance. */
  readonly #unsure = new Set<string>()
  #isComplete = false
  /** Was something lost since the last dump was asked for? */
  #isInDoubt = false
  #isPaused = false
  #expected: Expected | undefined
  #recording: Recording | undefined

  get flows(): FlowsByKey {
    return this.#flows
  }

  /** Is all that the monitor can tell in it? */
  get isComplete(): boolean {
    return this.#isComplete
  }

  isUnsure(key: string): boolean {
    return this.#unsure.has(key)
  }

  /** Something may be missing: only a dump can help. */
  distrust(): void {
    this.#isComplete = false
    this.#isInDoubt = true
  }

  /** To be called before a dump is asked for. */
  record(): Recording {
    this.#recording = []
    this.#isInDoubt = false
    return this.#recording
  }

  /**
   * All flows, as dumped. What was told meanwhile is applied once more: it changes nothing where the dump has it already.
   * When the monitor pauses, or did, a flow of the dump may have gone since without a word.
   */
  fill(flows: readonly Flow[], since: Recording): void {
    this.#flows = new Map(flows.map((flow) => [flowKey(flow), flow]))
    this.#unsure.clear()
    this.#isComplete = !this.#isPaused && !this.#isInDoubt
    this.#replay(since)
  }

  /** Flows under some keys, as dumped; undefined where there is none. */
  update(looked: ReadonlyMap<string, Flow | undefined>, since: Recording): void {
    for (const [key, flow] of looked) {
      this.#unsure.delete(key)
      if (flow) this.#flows.set(key, flow)
      else this.#flows.delete(key)
    }
    this.#replay(since)
  }

  #replay(since: Recording): void {
    this.#recording = undefined
    for (const change of since) this.#change(change, flowKey(change))
  }

  /** A flow that says the same: whoever compares with it again sees that it is the same record. */
  settle(key: string, flow: Flow): void {
    if (this.#flows.has(key)) this.#flows.set(key, flow)
  }

  /** Our changes are about to be made: they take their place in the table when the monitor says so. */
  expect(xids: Xids, changes: readonly Change[]): void {
    this.#expected = { xids, changes }
  }

  /** Has the monitor not named our changes yet? */
  get isExpecting(): boolean {
    return this.#expected !== undefined
  }

  /**
   * The switch has done all that was sent before, or refused it.
   * @param isMade our changes were made, whether the monitor named them or not. Else nobody knows when those were made that
   *   it did not name, or whether.
   */
  endExpectation(isMade: boolean): void {
    const expected = this.#expected
    this.#expected = undefined
    if (!expected) return
    if (isMade) for (const change of expected.changes) this.#applyOwn(change)
    else this.distrust()
  }

  /** The switch says that a flow has gone. */
  remove(flow: Pick<Flow, 'tableId' | 'priority' | 'match'>): void {
    this.#flows.delete(flowKey(flow))
  }

  /** @returns the key of a flow that somebody else changed, or may have */
  apply(update: FlowUpdate): string | undefined {
    switch (update.event) {
      case 'added':
      case 'modified':
      case 'removed': {
        this.#recording?.push(update)
        const key = flowKey(update)
        this.#change(update, key)
        return key
      }
      case 'abbrev':
        this.#confirm(update.xid)
        return undefined
      case 'paused':
        this.#isPaused = true
        break
      case 'resumed':
        this.#isPaused = false
        break
      case 'initial':
      case 'opaque':
        break
    }
    this.distrust()
    return undefined
  }

  #change(change: ForeignChange, key: string): void {
    if (change.event === 'removed') {
      this.#flows.delete(key)
      this.#unsure.delete(key)
      return
    }
    const before = this.#flows.get(key)
    if (!before || !saysTheSame(change, before)) this.#flows.set(key, flowAfter(change, before))
    // MODIFY leaves the flags as they are, ADD brings its own.
    if (change.event === 'added' || !before) this.#unsure.add(key)
  }

  #confirm(xid: number): void {
    const expected = this.#expected
    const isOurs = expected && xid >= expected.xids.first && xid < expected.xids.first + expected.xids.count
    if (!isOurs) {
      this.distrust()
      return
    }
    this.#expected = undefined
    for (const change of expected.changes) this.#applyOwn(change)
  }

  /** As the switch does it: MODIFY and DELETE name the owner and pass over the flows of others (see flow-mods.ts). */
  #applyOwn(change: Change): void {
    const flow = flowOf(change)
    const key = change.kind === 'delete' ? flowKey(flow) : change.desired.key
    if (change.kind === 'add' || change.kind === 'replace') {
      this.#flows.set(key, flow)
      if (this.#unsure.size > 0) this.#unsure.delete(key)
      return
    }
    const present = this.#flows.get(key)
    if (present && isOurs(present.cookie)) {
      if (change.kind === 'delete') this.#flows.delete(key)
      else this.#flows.set(key, { ...present, instructions: flow.instructions })
    }
  }
}

function saysTheSame(change: ForeignChange, flow: Flow): boolean {
  return (
    change.cookie === flow.cookie &&
    change.idleTimeout === flow.idleTimeout &&
    change.hardTimeout === flow.hardTimeout &&
    (change.instructions === flow.instructions || flowInstructions(change) === flowInstructions(flow))
  )
}

function flowAfter(change: ForeignChange, before: Flow | undefined): Flow {
  const { tableId, priority, cookie, idleTimeout, hardTimeout, match, instructions } = change
  const { importance = 0, flags = 0 } = before ?? {}
  return { tableId, priority, cookie, idleTimeout, hardTimeout, importance, flags, match, instructions }
}
