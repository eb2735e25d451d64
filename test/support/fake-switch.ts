// A switch in memory: flow-mods change its table as Open vSwitch would change it, and packets run through the tables,
// action by action. How close it comes to the real thing is what test/integration/trace.test.ts asks.
import type { Action } from '../../src/openflow/actions/actions.js'
import type { Instruction } from '../../src/openflow/actions/instructions.js'
import { allOnes, fieldNamed } from '../../src/openflow/fields/fields.js'
import type { MatchField } from '../../src/openflow/fields/match.js'
import { canonicalInstructions } from '../../src/openflow/actions/canonical.js'
import { type Flow, flowInstructions, flowKey } from '../../src/openflow/flow.js'
import { FLOW_COMMAND } from '../../src/openflow/messages/flow-mod.js'
import { PORT } from '../../src/openflow/ports.js'
import type { FlowModMessage } from '../../src/switch/flow-mods.js'
import type { Hex } from '../../src/values/hex.js'

/** A packet as its fields, by the names of the codec; what it does not have is absent. */
export type Packet = Readonly<Record<string, Hex>>

export interface Output {
  readonly port: number
  /** As it leaves. */
  readonly packet: Packet
}

export interface PacketIn {
  readonly tableId: number
  readonly cookie: Hex
  /** As it is at that point, pipeline fields included. */
  readonly packet: Packet
}

/** What becomes of a packet. */
export interface Verdict {
  readonly outputs: readonly Output[]
  readonly packetIns: readonly PacketIn[]
  /** The tables that it met. */
  readonly tables: readonly number[]
  /** As it is at the end of its way, pipeline fields included. */
  readonly packet: Packet
}

/** Flows of one bridge, by key. */
export class FakeSwitch {
  readonly #flows = new Map<string, Flow>()

  constructor(flows: Iterable<Flow> = []) {
    for (const flow of flows) this.#flows.set(flowKey(flow), flow)
  }

  get flows(): readonly Flow[] {
    return [...this.#flows.values()]
  }

  /** OpenFlow 1.5.1, section 6.4: a modification or deletion passes over flows whose cookie is not under the mask. */
  change(flowMod: FlowModMessage): void {
    const key = flowKey(flowMod)
    const present = this.#flows.get(key)
    if (flowMod.command === FLOW_COMMAND.add) this.#flows.set(key, flowOfMod(flowMod))
    const hit =
      present && bits(present.cookie, flowMod.cookieMask) === bits(flowMod.cookie, flowMod.cookieMask)
    if (!hit) return
    if (flowMod.command === FLOW_COMMAND.delete_strict) this.#flows.delete(key)
    if (flowMod.command === FLOW_COMMAND.modify_strict) {
      this.#flows.set(key, { ...present, instructions: flowMod.instructions })
    }
  }

  /** A packet comes in by a port. */
  receive(ofport: number, packet: Packet): Verdict {
    const run = new Run(this.flows, { ...packet, in_port: hexOf(ofport, 4) })
    run.table(0)
    return run
  }

  /** A packet-out: the actions alone, as if the packet had come in by that port. */
  send(ofport: number, actions: readonly Action[], packet: Packet): Verdict {
    const run = new Run(this.flows, { ...packet, in_port: hexOf(ofport, 4) })
    run.apply(actions)
    return run
  }
}

function flowOfMod(flowMod: FlowModMessage): Flow {
  const { tableId, priority, cookie, idleTimeout, hardTimeout, importance, flags, match, instructions } =
    flowMod
  return { tableId, priority, cookie, idleTimeout, hardTimeout, importance, flags, match, instructions }
}

function hexOf(value: bigint | number, bytes: number): Hex {
  return value.toString(16).padStart(bytes * 2, '0') as Hex
}

function numberOf(hex: Hex): bigint {
  return BigInt(`0x${hex}`)
}

function bits(value: Hex, mask: Hex): bigint {
  return numberOf(value) & numberOf(mask)
}

/** Fields that every packet has, zero unless said otherwise: the pipeline's own, and the tag that is not there. */
const ALWAYS = new Set(['metadata', 'tun_id', 'pkt_mark', 'xreg0', 'vlan_vid'])

/** One packet on its way. */
class Run implements Verdict {
  readonly outputs: Output[] = []
  readonly packetIns: PacketIn[] = []
  readonly tables: number[] = []
  readonly #flows: readonly Flow[]
  packet: Packet
  #cookie = 'ffffffffffffffff' as Hex
  #stopped = false

  constructor(flows: readonly Flow[], packet: Packet) {
    this.#flows = flows
    this.packet = packet
  }

  table(tableId: number): void {
    this.tables.push(tableId)
    const flow = this.#lookUp(tableId)
    if (!flow) return // a miss drops (OpenFlow 1.5.1, section 5.4, with no table-miss flow)
    this.#cookie = flow.cookie
    for (const instruction of canonicalInstructions(flow.instructions)) {
      if (!this.#stopped) this.#execute(instruction)
    }
  }

  apply(actions: readonly Action[]): void {
    for (const action of actions) if (!this.#stopped) this.#act(action)
  }

  /** Flows of one priority may overlap only when they say the same: the switch takes either. */
  #lookUp(tableId: number): Flow | undefined {
    const hits = this.#flows
      .filter((flow) => flow.tableId === tableId && flow.match.every((field) => this.#matches(field)))
      .sort((a, b) => b.priority - a.priority)
    const best = hits.filter(({ priority }) => priority === hits[0]?.priority)
    if (new Set(best.map(flowInstructions)).size > 1) throw new Error(`table ${tableId} is ambiguous`)
    return best[0]
  }

  #matches({ field, value, mask = allOnes(fieldNamed(field)) }: MatchField): boolean {
    const present = this.#field(field)
    return present !== undefined && bits(present, mask) === bits(value, mask)
  }

  #field(name: string): Hex | undefined {
    return this.packet[name] ?? (ALWAYS.has(name) ? hexOf(0, fieldNamed(name).bytes) : undefined)
  }

  #execute(instruction: Instruction): void {
    switch (instruction.type) {
      case 'apply_actions':
        this.apply(instruction.actions)
        break
      case 'write_metadata':
        this.#set('metadata', instruction.value, instruction.mask)
        break
      case 'goto_table':
        this.table(instruction.tableId)
        break
      case 'meter':
        break // one packet is never too many
      default:
        throw new Error(`an instruction beyond this switch: ${instruction.type}`)
    }
  }

  #act(action: Action): void {
    switch (action.type) {
      case 'output':
        this.#output(action.port)
        break
      case 'set_field':
        this.#set(action.field, action.value, action.mask)
        break
      case 'move':
        this.#move(action)
        break
      case 'set_nw_ttl':
        this.#set('nw_ttl', hexOf(action.ttl, 1))
        break
      case 'dec_ttl':
        this.#decrementTtl()
        break
      default:
        throw new Error(`an action beyond this switch: ${action.type}`)
    }
  }

  /** A plain output never goes back out of the port the packet came in by. */
  #output(port: number): void {
    const inPort = Number(numberOf(this.packet.in_port!))
    if (port === PORT.CONTROLLER) {
      this.packetIns.push({ tableId: this.tables.at(-1) ?? 0, cookie: this.#cookie, packet: this.packet })
    } else if (port === PORT.IN_PORT) {
      this.outputs.push({ port: inPort, packet: this.packet })
    } else if (port > 0xff00) {
      throw new Error(`an output beyond this switch: ${port}`)
    } else if (port !== inPort) {
      this.outputs.push({ port, packet: this.packet })
    }
  }

  #set(name: string, value: Hex, mask: Hex = allOnes(fieldNamed(name))): void {
    const before = this.#field(name)
    if (before === undefined) throw new Error(`the packet has no ${name}`)
    const kept = numberOf(before) & ~numberOf(mask)
    const after = hexOf(kept | bits(value, mask), fieldNamed(name).bytes)
    this.packet = { ...this.packet, [name]: after }
  }

  #move({
    source,
    sourceOffset,
    target,
    targetOffset,
    bits: width,
  }: Extract<Action, { type: 'move' }>): void {
    const value = this.#field(source)
    if (value === undefined) throw new Error(`the packet has no ${source}`)
    const ones = (1n << BigInt(width)) - 1n
    const moved = ((numberOf(value) >> BigInt(sourceOffset)) & ones) << BigInt(targetOffset)
    const { bytes } = fieldNamed(target)
    this.#set(target, hexOf(moved, bytes), hexOf(ones << BigInt(targetOffset), bytes))
  }

  /** With no hop left the packet ends here. The switch would say so, but we do not ask for that. */
  #decrementTtl(): void {
    const ttl = Number(numberOf(this.#field('nw_ttl') ?? hexOf(0, 1)))
    if (ttl <= 1) this.#stopped = true
    else this.#set('nw_ttl', hexOf(ttl - 1, 1))
  }
}
