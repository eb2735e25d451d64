// Flows as text, drawn at random from the recorded vectors: their matches merged, their actions joined, nested and given other
// attributes. A seed goes in, and the same seed gives the same flows.
import { flowKey } from '../../src/openflow/flow.js'
import { actionVectors, matchVectors, textVectors } from '../golden/openflow/vectors.js'
import { flowOf } from './flow-text.js'

/** What a flow is put together from: fields that stand beside each other, and actions that need these fields. */
interface Piece {
  /** Words of the match by what they speak of; of two words for one thing only one can stand in a match. */
  readonly match: ReadonlyMap<string, string>
  readonly actions: readonly string[]
}

/**
 * Flows that `ovs-ofctl -O OpenFlow15 add-flows` should take, but for a few in a hundred; no two have the same priority. They need
 * group 1 and meter 1 in the bridge, and `TLV_MAP`.
 */
export function randomFlows(seed: number, count: number): readonly string[] {
  const draw = new Draw(seed)
  const priorities = draw.shuffled(Array.from({ length: 65535 }, (_, n) => n + 1)).slice(0, count)
  return priorities.map((priority) => randomFlow(draw, priority))
}

/** The mapping of tunnel metadata, as `ovs-ofctl add-tlv-map` takes it. */
export const TLV_MAP = '{class=0xffff,type=0,len=4}->tun_metadata0'

function randomFlow(draw: Draw, priority: number): string {
  let match: Piece['match'] = new Map()
  const merge = (piece: Piece | undefined): boolean => {
    const merged = piece && mergeMatches(match, piece.match)
    if (merged) match = merged
    return merged !== undefined
  }
  const ofActions = draw.times(4, () => draw.pick(ACTION_PIECES)).filter(merge)
  // Few actions are for packets that are no frames.
  const ofMatch = draw.times(4, () => draw.pick(MATCH_PIECES))
  for (const piece of ofMatch) if (ofActions.length === 0 || !isFrameless(piece)) merge(piece)
  const { actions, lowestTarget } = joinActions(draw, ofActions)
  const head = [...attributes(draw, lowestTarget), `priority=${priority}`, ...match.values()]
  return `${head.join(',')},actions=${actions}`
}

/** Undefined when they speak of one thing in two ways. */
function mergeMatches(a: Piece['match'], b: Piece['match']): Piece['match'] | undefined {
  for (const [key, word] of b) if ((a.get(key) ?? word) !== word) return undefined
  const merged = new Map([...a, ...b])
  const words = [...merged.values()]
  const isThere = (pattern: RegExp) => words.some((word) => pattern.test(word))
  return AGAINST.some(([one, other]) => isThere(one) && isThere(other)) ? undefined : merged
}

function isFrameless({ match }: Piece): boolean {
  return match.get('packet_type')?.startsWith('packet_type=(1') ?? false
}

/** What no packet is at once: not a frame and with fields of one; a later fragment and with ports. */
const AGAINST: readonly (readonly [RegExp, RegExp])[] = [
  [/^packet_type=\(1/, /^(eth|dl_|.*vlan|[a-z0-9]+$)/],
  [/^nw_frag=(later|yes)/, /^(tp|tcp|udp|sctp|icmp|nd)_/],
]

/** Timeouts that do not run out while a test runs. */
function attributes(draw: Draw, lowestTarget: number): readonly string[] {
  const timeout = () => draw.between(3_600, 65_535)
  return [
    `table=${draw.between(0, lowestTarget - 1)}`,
    ...draw.maybe(0.7, () => `cookie=0x${draw.hex(draw.between(1, 15))}`),
    ...draw.maybe(0.3, () => `idle_timeout=${timeout()}`),
    ...draw.maybe(0.3, () => `hard_timeout=${timeout()}`),
    ...FLAGS.flatMap((flag) => draw.maybe(0.1, () => flag)),
  ]
}

const FLAGS = ['send_flow_rem', 'check_overlap', 'reset_counts', 'no_packet_counts', 'no_byte_counts']

/** Tables 0 to 253 are there for all. */
const TABLES = 254

interface JoinedActions {
  readonly actions: string
  /** The table has to be below it. */
  readonly lowestTarget: number
}

/** In the order that instructions have. What changes the kind of packet comes last, and what stands alone stands alone. */
function joinActions(draw: Draw, pieces: readonly Piece[]): JoinedActions {
  const alone = pieces.find(({ actions }) => actions.some((action) => STANDS_ALONE.test(action)))
  const [reshaping, plain] = partition(pieces, ({ actions }) =>
    actions.some((action) => RESHAPES.test(action)),
  )
  const items = (alone ? [alone] : [...plain, ...reshaping.slice(0, 1)]).flatMap(({ actions }) => actions)
  const first = (pattern: RegExp) => items.filter((item) => pattern.test(item)).slice(0, 1)
  const applied = items.filter((item) => !INSTRUCTION.test(item))
  const written = first(/^write_actions/)
  const goto = first(/^goto_table/)
  const words = [
    ...first(/^meter:/),
    ...(alone ? applied : nested(draw, applied)),
    ...first(/^clear_actions/),
    ...(written.length > 0 || alone
      ? written
      : draw.maybe(0.1, () => `write_actions(${writable(draw).join(',')})`)),
    ...first(/^write_metadata/),
    ...goto,
  ]
  const target = /\d+/.exec(goto[0] ?? '')?.[0]
  return { actions: words.join(',') || 'drop', lowestTarget: target === undefined ? TABLES : Number(target) }
}

const INSTRUCTION = /^(meter:|clear_actions|write_actions|write_metadata|goto_table|drop$)/
const STANDS_ALONE = /^conjunction/
const RESHAPES = /^(push_|pop_vlan|strip_vlan|pop_mpls|encap|decap|mod_vlan|.*vlan|.*VLAN|exit)/

/** One run of the actions inside a clone, and perhaps part of it in a clone once more. */
function nested(draw: Draw, actions: readonly string[]): readonly string[] {
  if (actions.length === 0 || !draw.chance(0.2)) return actions
  const [from, to] = [draw.between(0, actions.length - 1), draw.between(1, actions.length)].sort(
    (a, b) => a - b,
  )
  const inner = nested(draw, actions.slice(from, to))
  return [...actions.slice(0, from), `clone(${inner.join(',')})`, ...actions.slice(to)]
}

/** Actions that may stand in an action set, whatever the flow matches on. */
function writable(draw: Draw): readonly string[] {
  return draw.shuffled(WRITABLE).slice(0, draw.between(1, 3))
}

const WRITABLE = [
  'output:12',
  'group:1',
  'set_queue:3',
  'set_field:0x5/0xff->reg1',
  'set_field:0x1f42->metadata',
  'set_field:5->pkt_mark',
]

function partition<T>(items: readonly T[], test: (item: T) => boolean): readonly [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))]
}

function pieceOf(text: string): Piece {
  const [head = '', body = ''] = text.split(/(?<=^|,)actions=/)
  const words = splitWords(head).filter((word) => !ATTRIBUTE.test(word))
  const match = new Map<string, string>()
  for (const word of words) {
    const key = keyOf(word)
    // Two words for the tag belong together.
    match.set(key, match.has(key) ? `${match.get(key) ?? ''},${word}` : word)
  }
  return { match, actions: splitWords(body).filter((word) => word !== 'drop') }
}

const ATTRIBUTE =
  /^(table|cookie|priority|idle_timeout|hard_timeout|importance)=|^(send_flow_rem|check_overlap|reset_counts|no_)/

function keyOf(word: string): string {
  const [name = '', value] = word.split('=')
  if (/vlan/.test(name)) return '(vlan)'
  if (value === undefined || /^(dl_type|eth_type)$/.test(name)) return '(protocol)'
  return ALIASES.get(name) ?? name
}

/** Other words for the same field. */
const ALIASES = new Map([
  ['eth_src', 'dl_src'],
  ['eth_dst', 'dl_dst'],
  ['ip_src', 'nw_src'],
  ['ip_dst', 'nw_dst'],
  ['ip_proto', 'nw_proto'],
  ['ip_ecn', 'nw_ecn'],
  ['ip_dscp', 'nw_tos'],
  ['tunnel_id', 'tun_id'],
  ['in_port_oxm', 'in_port'],
])

/** At commas and spaces outside parentheses and brackets. */
function splitWords(text: string): readonly string[] {
  return text.match(/(?:[^\s,([]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)|\[[^\]]*\])+/g) ?? []
}

/** These say in text all that they match on. */
const MORE = [
  'tun_erspan_ver=1,tun_erspan_idx=3',
  'tun_erspan_ver=2,tun_erspan_dir=1,tun_erspan_hwid=2',
  'tun_metadata0',
  'tun_metadata0=0x1234',
  'tun_metadata0=0x3400/0xff00',
]

const ofMatches = [...textVectors, ...matchVectors].filter(
  ({ version, text, dump_text }) => version === 'OpenFlow15' && dump_text && saysAll(text, dump_text),
)
const ofActions = actionVectors.filter(({ version }) => version === 'OpenFlow15')

/** Of some matches `ovs-ofctl` shows less than the switch looks at: such a dump is of another flow. */
function saysAll(text: string, dump: string): boolean {
  return canonicalKey(text) === canonicalKey(dump)
}

function canonicalKey(text: string): string {
  return flowKey({ ...flowOf(text), priority: 1 })
}

const pieces = [...ofMatches.map(({ text }) => text), ...ofActions.map(({ text }) => text), ...MORE]
  // The mapping is of one field.
  .filter((text) => !/tun_metadata[1-9]/.test(text))
  .map(pieceOf)

const ACTION_PIECES = pieces.filter(({ actions }) => actions.length > 0)
const MATCH_PIECES = pieces.filter(({ actions, match }) => actions.length === 0 && match.size > 0)

/** Random numbers by mulberry32: 32 bits of state, good enough to mix vectors. */
class Draw {
  #state: number

  constructor(seed: number) {
    this.#state = seed
  }

  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }

  /** Both ends may come. */
  between(low: number, high: number): number {
    return low + Math.floor(this.#next() * (high - low + 1))
  }

  chance(probability: number): boolean {
    return this.#next() < probability
  }

  pick<T>(items: readonly T[]): T | undefined {
    return items[this.between(0, items.length - 1)]
  }

  /** As many as `most`, or fewer. */
  times<T>(most: number, make: () => T | undefined): T[] {
    return Array.from({ length: this.between(0, most) }, make).filter((item) => item !== undefined)
  }

  maybe<T>(probability: number, make: () => T): readonly T[] {
    return this.chance(probability) ? [make()] : []
  }

  hex(digits: number): string {
    return Array.from({ length: digits }, () => this.between(0, 15).toString(16)).join('')
  }

  shuffled<T>(items: readonly T[]): readonly T[] {
    const left = [...items]
    return items.flatMap(() => left.splice(this.between(0, left.length - 1), 1))
  }
}
