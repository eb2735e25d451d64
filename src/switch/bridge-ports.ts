// The ports of a bridge as OpenFlow tells them: descriptions and changes in, the number of an interface out. The numbers in
// OVSDB come some milliseconds later than those that the switch forwards by; after a restart of ovs-vswitchd they are, for a
// time, those of the process before.
import type { OpenFlowConnection } from '../openflow/connection.js'
import type { Message, MessageOf } from '../openflow/messages/messages.js'
import { PORT_REASON } from '../openflow/messages/port.js'
import { describePorts } from './port-numbers.js'

type PortStatus = MessageOf<'port_status'>

/** OpenFlow has 15 bytes for a name and a zero behind them; Open vSwitch cuts longer ones off (OpenFlow 1.5.1, section 7.2.1). */
const MAX_NAME_BYTES = 15

export interface PortChange {
  /** Another interface has this number now than the one before. */
  readonly takenOver: boolean
  readonly ofport: number
}

export class BridgePorts {
  readonly #names = new Map<number, string>()
  readonly #numbers = new Map<string, number>()
  /** Who had a number last, also after it was given back: flows may still speak of that one. */
  readonly #lastNames = new Map<number, string>()
  /** News that came while the ports were being asked for: the answer may be older or newer. */
  #early: PortStatus[] | undefined = []

  /**
   * Asks for all ports. The switch must tell of changes already, to `receive`, or what falls between is missed.
   * @throws ReconcileError of the connection
   */
  async read(connection: OpenFlowConnection): Promise<void> {
    for (const { portNo, name } of await describePorts(connection)) this.#set(portNo, name)
    const early = this.#early ?? []
    this.#early = undefined
    for (const status of early) this.receive(status)
  }

  /** @returns what is new; undefined for any other message, and where only the state of a port changed */
  receive(message: Message): PortChange | undefined {
    if (message.type !== 'port_status') return undefined
    if (this.#early) {
      this.#early.push(message)
      return undefined
    }
    const { reason, port } = message
    if (reason === PORT_REASON.delete) {
      return this.#delete(port.portNo) ? { takenOver: false, ofport: port.portNo } : undefined
    }
    return this.#set(port.portNo, port.name)
  }

  /**
   * The number of an interface; undefined while the switch has it not.
   * @param inOvsdb its number in OVSDB, which settles whose a name is that was cut off
   */
  numberOf(name: string, inOvsdb: number | undefined): number | undefined {
    const bytes = Buffer.byteLength(name)
    if (bytes >= MAX_NAME_BYTES) {
      const seen = inOvsdb === undefined ? undefined : this.#names.get(inOvsdb)
      return seen !== undefined && name.startsWith(seen) ? inOvsdb : undefined
    }
    return this.#numbers.get(name)
  }

  /** All ports with their names; those that have the same one, as it was cut off, have none. */
  get named(): ReadonlyMap<string, number> {
    const named = new Map<string, number>()
    const shared = new Set<string>()
    for (const [ofport, name] of this.#names) {
      if (named.has(name)) shared.add(name)
      named.set(name, ofport)
    }
    for (const name of shared) named.delete(name)
    return named
  }

  #set(ofport: number, name: string): PortChange | undefined {
    if (this.#names.get(ofport) === name) return undefined
    const last = this.#lastNames.get(ofport)
    this.#delete(ofport)
    this.#names.set(ofport, name)
    this.#numbers.set(name, ofport)
    this.#lastNames.set(ofport, name)
    return { takenOver: last !== undefined && last !== name, ofport }
  }

  #delete(ofport: number): boolean {
    const name = this.#names.get(ofport)
    // An interface that moved has its new number already where news of the old one comes later.
    if (name !== undefined && this.#numbers.get(name) === ofport) this.#numbers.delete(name)
    return this.#names.delete(ofport)
  }
}
