// The meters of a bridge through one OpenFlow connection: read where they are in doubt, kept by what was changed. No monitor
// tells of meters; of those that go with their flows, the flow monitor does.
import type { OpenFlowConnection } from '../openflow/connection.js'
import { OpenFlowError } from '../openflow/connection-errors.js'
import { METER, type Meter } from '../openflow/messages/meter.js'
import type { MeterChange, MetersOnSwitch } from '../plan/meters.js'
import { meterModOf } from './meter-mods.js'

/** What was thought to be there is not, or the other way (OpenFlow 1.5.1, section 7.5.4.13). */
const STALE: ReadonlySet<string> = new Set(['OFPMMFC_METER_EXISTS', 'OFPMMFC_UNKNOWN_METER'])

export class SwitchMeters {
  readonly #connection: OpenFlowConnection
  /** Undefined: in doubt. */
  #known: Map<number, Meter> | undefined
  #isSupported = true
  #refused = new Map<number, string>()

  constructor(connection: OpenFlowConnection) {
    this.#connection = connection
  }

  get isInDoubt(): boolean {
    return this.#known === undefined
  }

  /** The next reading asks the switch, and what it refused may be tried again. */
  distrust(): void {
    this.#known = undefined
    this.#refused = new Map()
  }

  /** @throws ReconcileError of the connection; that a switch has no meters is an answer */
  async read(): Promise<MetersOnSwitch> {
    if (!this.#known) {
      const refused = this.#refused
      const { isSupported, installed } = await readMeters(this.#connection)
      this.#isSupported = isSupported
      // Where doubt came while the answer was under way, the next reading asks again.
      if (refused === this.#refused) this.#known = new Map(installed)
      return { isSupported, installed, refused }
    }
    return { isSupported: this.#isSupported, installed: this.#known, refused: this.#refused }
  }

  /**
   * Changes meters, and waits until the switch has. What it refuses is remembered as refused; where it says that
   * something else is there than was thought, all is in doubt.
   * @returns those that were made
   * @throws ReconcileError of the connection
   */
  async apply(changes: readonly MeterChange[]): Promise<readonly MeterChange[]> {
    if (changes.length === 0) return []
    const errors = await this.#send(changes)
    for (const [index, change] of changes.entries()) {
      const error = errors.get(index)
      if (error === undefined) this.#note(change)
      else if (change.kind !== 'delete' && !STALE.has(error)) this.#refused.set(numberOf(change), error)
    }
    if ([...errors.values()].some((error) => STALE.has(error))) this.#known = undefined
    return changes.filter((_, index) => !errors.has(index))
  }

  /** @returns names of errors by index of the change */
  async #send(changes: readonly MeterChange[]): Promise<ReadonlyMap<number, string>> {
    const connection = this.#connection
    const errors = new Map<number, string>()
    const first = connection.nextXids(changes.length)
    const forget = connection.watchErrors(
      first,
      (error, xid) => errors.set(xid - first, error.errorName),
      changes.length,
    )
    try {
      for (const [index, change] of changes.entries()) connection.send(meterModOf(change), first + index)
      await connection.barrier()
    } finally {
      forget()
    }
    return errors
  }

  #note(change: MeterChange): void {
    if (change.kind === 'delete') this.#known?.delete(numberOf(change))
    else this.#known?.set(numberOf(change), change.desired.meter)
  }
}

function numberOf(change: MeterChange): number {
  return change.kind === 'delete' ? change.installed.meterId : change.desired.meter.meterId
}

/**
 * All meters of the bridge.
 * @throws ReconcileError of the connection
 */
export async function readMeters(connection: OpenFlowConnection): Promise<MetersOnSwitch> {
  const refused = new Map<number, string>()
  try {
    const [features] = await connection.multipart({ type: 'meter_features_request', flags: 0 })
    if (!features?.maxMeter) return { isSupported: false, installed: new Map(), refused }
    const replies = await connection.multipart({ type: 'meter_config_request', flags: 0, meterId: METER.ALL })
    const meters = replies.flatMap((reply) => reply.meters)
    const installed = new Map(meters.map((meter) => [meter.meterId, meter]))
    return { isSupported: true, installed, refused }
  } catch (error) {
    if (!(error instanceof OpenFlowError)) throw error
    return { isSupported: false, installed: new Map(), refused }
  }
}
