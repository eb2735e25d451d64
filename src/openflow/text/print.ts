// A flow in the notation of `ovs-ofctl dump-flows --no-stats`.
import { numberFromHex, renderHex, zeroHex } from '../../values/hex.js'
import { fieldNamed } from '../fields/fields.js'
import { canonicalMatch, DEFAULT_PRIORITY, type Flow, FLOW_FLAG } from '../flow.js'
import type { Match, MatchField } from '../fields/match.js'
import type { PortNames } from './port-names.js'
import { renderInstructions } from './print-actions.js'
import { PROTOCOLS } from './protocols.js'
import { renderValue } from './value.js'
import { isVlan, renderVlan } from './vlan.js'

/** `cookie=0x1, table=52, idle_timeout=300, priority=20,ip,metadata=0x1f42 actions=CONTROLLER:65535` */
export function renderFlow(flow: Flow, names: PortNames): string {
  return `${renderFlowHead(flow, names)} actions=${renderInstructions(flow.instructions, names)}`.trimStart()
}

/**
 * All but the actions. Table 0, cookie 0, timeouts of 0 and the default priority are left out, as `dump-flows` leaves
 * them out.
 */
export function renderFlowHead(flow: Flow, names: PortNames): string {
  const attributes = [
    flow.cookie === zeroHex(8) ? '' : `cookie=${renderHex(flow.cookie)}, `,
    flow.tableId === 0 ? '' : `table=${flow.tableId}, `,
    flow.idleTimeout === 0 ? '' : `idle_timeout=${flow.idleTimeout}, `,
    flow.hardTimeout === 0 ? '' : `hard_timeout=${flow.hardTimeout}, `,
    flow.importance === 0 ? '' : `importance=${flow.importance}, `,
  ]
  const flags = Object.entries(FLOW_FLAG).filter(([, bit]) => flow.flags & bit)
  const head = [...attributes, ...flags.map(([name]) => `${name} `), renderMatch(flow, names)].join('')
  return head.trimEnd()
}

/** `priority=20,ip,metadata=0x1f42`, in the order in which Open vSwitch prints fields. */
export function renderMatch({ priority, match }: Pick<Flow, 'priority' | 'match'>, names: PortNames): string {
  const fields = canonicalMatch(match)
  const { word, implied } = protocolOf(fields)
  const plain = fields.filter((field) => !implied.has(field.field) && !isVlan(field))
  const shown = [...renderVlan(fields), ...plain.map((field) => renderField(field, names))].map(toShown)
  const before = shown.filter(({ rank }) => rank < RANK_OF_PROTOCOL).sort(byRank)
  const after = shown.filter(({ rank }) => rank > RANK_OF_PROTOCOL).sort(byRank)
  return [
    ...(priority === DEFAULT_PRIORITY ? [] : [`priority=${priority}`]),
    ...before.map(({ text }) => text),
    ...word,
    ...after.map(({ text }) => text),
  ].join(',')
}

type NameAndValue = readonly [name: string, value: string]

function renderField(field: MatchField, names: PortNames): NameAndValue {
  const def = fieldNamed(field.field)
  // Printed as the old type-of-service byte, of which the DSCP is the upper six bits.
  if (def.name === 'ip_dscp') return [def.matchName, String(numberFromHex(field.value) << 2)]
  return [def.matchName, renderValue(def, field, names)]
}

interface Shown {
  readonly rank: number
  readonly text: string
}

const PROTOCOL = '(protocol)'

// prettier-ignore
const PRINT_ORDER: readonly string[] = [
  'pkt_mark', PROTOCOL,
  ...Array.from({ length: 16 }, (_, n) => `reg${n}`),
  'tun_id', 'tun_src', 'tun_dst', 'metadata', 'in_port', 'vlan_tci', 'dl_vlan', 'dl_vlan_pcp',
  'dl_src', 'dl_dst', 'dl_type', 'nw_src', 'nw_dst', 'arp_spa', 'arp_tpa',
  'nw_proto', 'arp_op', 'arp_sha', 'arp_tha', 'nw_tos', 'nw_ecn', 'nw_ttl', 'tp_src', 'tp_dst', 'icmp_type', 'icmp_code',
]

const RANK_OF_PROTOCOL = PRINT_ORDER.indexOf(PROTOCOL)

/** Fields this program has no name for come last. */
function toShown([name, value]: NameAndValue): Shown {
  const rank = PRINT_ORDER.indexOf(name)
  return { rank: rank === -1 ? PRINT_ORDER.length : rank, text: `${name}=${value}` }
}

function byRank(a: Shown, b: Shown): number {
  return a.rank - b.rank
}

/** The word for the EtherType, and the fields it stands for. */
function protocolOf(match: Match): { word: readonly string[]; implied: ReadonlySet<string> } {
  const exact = (name: string) => match.find(({ field, mask }) => field === name && mask === undefined)?.value
  const ethType = exact('eth_type')
  const ipProtocol = exact('nw_proto')
  const protocol = PROTOCOLS.find(
    (known) =>
      known.ethType === ethType && (known.ipProtocol === undefined || known.ipProtocol === ipProtocol),
  )
  if (!protocol) return { word: [], implied: new Set() }
  const implied = protocol.ipProtocol === undefined ? ['eth_type'] : ['eth_type', 'nw_proto']
  return { word: [protocol.word], implied: new Set(implied) }
}
