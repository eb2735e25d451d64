// Generated flows for property tests: every field, action and instruction that the codec knows, as the switch would take
// them.
import { fc } from '@fast-check/jest'
import type { Action } from '../../src/openflow/actions/actions.js'
import type { Instruction } from '../../src/openflow/actions/instructions.js'
import { allOnes, type Field, FIELDS, fieldNamed } from '../../src/openflow/fields/fields.js'
import { decode } from '../../src/openflow/codec.js'
import type { MatchField } from '../../src/openflow/fields/match.js'
import type { Flow } from '../../src/openflow/flow.js'
import { PORT } from '../../src/openflow/ports.js'
import { andHex, type Hex, hexFromNumber, numberFromHex, zeroHex } from '../../src/values/hex.js'
import { type ActionVector, actionVectors } from '../golden/openflow/vectors.js'

export const u8 = fc.nat({ max: 0xff })
export const u16 = fc.nat({ max: 0xffff })
export const u32 = fc.nat({ max: 0xffffffff })

export function hex(bytes: number): fc.Arbitrary<Hex> {
  return fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((value) => Buffer.from(value).toString('hex') as Hex)
}

/** Bits of a value: those that have a meaning. Of a VLAN also the one that says "tagged". */
function bitsOf({ name, bits, bytes, full }: Field): Hex {
  return bits % 8 === 0 || name === 'vlan_vid' ? full : hexFromNumber(2 ** bits - 1, bytes)
}

/** A value of a field: no bits beyond its width. */
function valueOf(field: Field): fc.Arbitrary<Hex> {
  return hex(field.bytes).map((value) => andHex(value, bitsOf(field)))
}

/** A value and mask as the switch would take it: no bits outside the mask, no mask that says all or nothing. */
export function fieldValue(field: Field): fc.Arbitrary<MatchField> {
  const value = valueOf(field)
  const exact = value.map((of): MatchField => ({ field: field.name, value: of }))
  if (UNMASKED.test(field.name)) return exact
  const masked = fc
    .tuple(value, valueOf(field))
    .filter(([, mask]) => ![zeroHex(field.bytes), allOnes(field), bitsOf(field)].includes(mask))
    .map(([of, mask]): MatchField => ({ field: field.name, value: andHex(of, mask), mask }))
  return fc.oneof(exact, masked)
}

/** EtherType, IP protocol, and how the fields begin that only it has. */
const PROTOCOLS: readonly (readonly [ethType?: string, ipProtocol?: string, prefix?: string])[] = [
  [],
  ['0806'],
  ['88cc'],
  ['0800'],
  ['0800', '2f'],
  ['0800', '01', 'icmp_'],
  ['0800', '06', 'tcp_'],
  ['0800', '11', 'udp_'],
  ['0800', '84', 'sctp_'],
  ['86dd', '06', 'tcp_'],
  ['86dd', '3a', 'icmpv6_'],
]
const OF_ONE_PROTOCOL = /^(icmp|tcp|udp|sctp|icmpv6)_/
const MADE_APART = /^(eth_type|nw_proto|vlan_)/
const UNMASKED = /^(in_port|actset_output|ip_dscp|nw_|arp_op|icmp|mpls_bos|tun_flags)/

/** Fields that are other fields in another form, and those of which text says less than a match does. */
const APART =
  /^(xx?reg|packet_type|nxm_|vlan_tci|nw_tos|nw_frag|in_phy_port|pbb_|ipv6_exthdr|tun_(erspan|gtpu|gbp_flags|metadata)|nsh_c)/
const PLAIN = FIELDS.filter(({ name }) => !APART.test(name))

/** In ARP these names mean ARP's own fields. */
const NOT_IN_ARP = /^(ip_src|ip_dst)$/
const ARP = '0806'

const TAGGED = 0x1000

/** A tag, with a priority only where the switch takes one: on frames that are known to be tagged. */
const vlan: fc.Arbitrary<readonly MatchField[]> = fc
  .tuple(fieldValue(fieldNamed('vlan_vid')), valueOf(fieldNamed('vlan_pcp')), fc.boolean())
  .map(([vid, pcp, hasPcp]) => {
    const isTagged = (numberFromHex(vid.value) & TAGGED) !== 0
    return hasPcp && isTagged ? [vid, { field: 'vlan_pcp', value: pcp }] : [vid]
  })

/** Any match of known fields, each at most once; fields of TCP only beside its protocol, as the switch demands. */
export const match: fc.Arbitrary<readonly MatchField[]> = fc
  .constantFrom(...PROTOCOLS)
  .chain(([ethType, ipProtocol, prefix]) => {
    const exact = (field: string, value?: string) =>
      value === undefined ? [] : [{ field, value: value as Hex }]
    const possible = PLAIN.filter(
      ({ name }) =>
        !MADE_APART.test(name) &&
        (!OF_ONE_PROTOCOL.test(name) || name.startsWith(prefix ?? '-')) &&
        (ethType !== ARP || !NOT_IN_ARP.test(name)),
    )
    return fc
      .tuple(
        fc.oneof(fc.constant([]), vlan),
        fc.subarray(possible).chain((fields) => fc.tuple(...fields.map(fieldValue))),
      )
      .map(([tag, fields]) => [
        ...exact('eth_type', ethType),
        ...exact('nw_proto', ipProtocol),
        ...tag,
        ...fields,
      ])
  })

const anyField = fc.constantFrom(...PLAIN)
const setField = anyField.chain(fieldValue).map((field): Action => ({ type: 'set_field', ...field }))

const move = fc.tuple(anyField, anyField).chain(([source, target]) => {
  const width = Math.min(source.bits, target.bits)
  return fc.integer({ min: 1, max: width }).chain((bits) =>
    fc.record({
      type: fc.constant('move' as const),
      bits: fc.constant(bits),
      sourceOffset: fc.nat({ max: source.bits - bits }),
      targetOffset: fc.nat({ max: target.bits - bits }),
      source: fc.constant(source.name),
      target: fc.constant(target.name),
    }),
  )
})

const output = fc
  .oneof(u32, fc.constantFrom(...Object.values(PORT)))
  .filter((port) => port !== PORT.CONTROLLER)
  .map((port): Action => ({ type: 'output', port, maxLen: 0 }))

/**
 * Every kind that a real switch has taken from ovs-ofctl, with actions inside actions. A meter is one in OpenFlow 1.5 alone.
 */
const recorded = fc.constantFrom(
  ...actionVectors.flatMap(recordedActions).filter(({ type }) => type !== 'meter'),
)

function recordedActions({ version, flow_mod_hex }: ActionVector): readonly Action[] {
  const { message } = decode(Buffer.from(flow_mod_hex, 'hex'))
  if (version !== 'OpenFlow15' || message.type !== 'flow_mod') return []
  return message.instructions.flatMap((instruction) =>
    instruction.type === 'apply_actions' ? instruction.actions : [],
  )
}

export const action: fc.Arbitrary<Action> = fc.oneof(
  { arbitrary: recorded, weight: 5 },
  output,
  u16.map((maxLen): Action => ({ type: 'output', port: PORT.CONTROLLER, maxLen })),
  u16.map((etherType): Action => ({ type: 'push_vlan', etherType })),
  fc.constantFrom<Action>({ type: 'pop_vlan' }, { type: 'dec_ttl' }),
  u32.map((queueId): Action => ({ type: 'set_queue', queueId })),
  u32.map((groupId): Action => ({ type: 'group', groupId })),
  u8.map((ttl): Action => ({ type: 'set_nw_ttl', ttl })),
  setField,
  move,
)

const actions = fc.array(action, { maxLength: 5 })

/** Each kind at most once, as the switch demands. */
export const instructions: fc.Arbitrary<readonly Instruction[]> = fc
  .tuple(
    u32.map((meterId): Instruction => ({ type: 'meter', meterId })),
    actions.map((list): Instruction => ({ type: 'apply_actions', actions: list })),
    fc.constant<Instruction>({ type: 'clear_actions' }),
    actions.map((list): Instruction => ({ type: 'write_actions', actions: list })),
    fc.tuple(hex(8), hex(8)).map(([value, mask]): Instruction => ({ type: 'write_metadata', value, mask })),
    fc.nat({ max: 254 }).map((tableId): Instruction => ({ type: 'goto_table', tableId })),
  )
  .chain((all) => fc.shuffledSubarray(all))

export const flow: fc.Arbitrary<Flow> = fc.record({
  tableId: fc.nat({ max: 254 }),
  priority: u16,
  cookie: hex(8),
  idleTimeout: u16,
  hardTimeout: u16,
  importance: u16,
  flags: fc.nat({ max: 31 }),
  match,
  instructions,
})

/** The same flow with its fields in another order, and masks that say all. */
export function rewritten(match: readonly MatchField[]): readonly MatchField[] {
  return match.map((field) => ({ ...field, mask: field.mask ?? allOnes(fieldNamed(field.field)) })).reverse()
}
