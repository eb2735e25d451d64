// A match in the notation of `ovs-ofctl dump-flows`: `ip,metadata=0x1f42`, in the order in which Open vSwitch prints fields.
import type { Hex } from '../../values/hex.js'
import { Memo } from '../../values/memo.js'
import { canonicalMatch } from '../fields/canonical.js'
import { fieldNamed } from '../fields/fields.js'
import type { Match, MatchField } from '../fields/match.js'
import { renderMatchField } from './match-value.js'
import type { PortNames } from './port-names.js'
import { type Protocol, protocolOfNumbers } from './protocols.js'
import { isVlan, renderVlan } from './vlan.js'

/** The words of a match, to be joined by commas. */
export function renderMatch(match: Match, names: PortNames): readonly string[] {
  return shownWords(match, (field) => toShown(field, names)).map(({ text }) => text)
}

/** The same for many matches, joined: a field that stands in several of them, as one record, is written once. */
export function matchPrinter(names: PortNames): (match: Match) => string {
  const known = new Memo<MatchField, Shown>()
  const shownOf = (field: MatchField) => known.get(field) ?? known.put(field, toShown(field, names))
  return (match) => {
    let words = ''
    for (const { text } of shownWords(match, shownOf)) words += words === '' ? text : `,${text}`
    return words
  }
}

type ShownOf = (field: MatchField) => Shown

function shownWords(match: Match, shownOf: ShownOf): readonly Shown[] {
  const fields = canonicalMatch(match)
  const shown: Shown[] = []
  const dependent: MatchField[] = []
  for (const field of fields) {
    const word = shownOf(field)
    if (word.depends) dependent.push(field)
    else insert(shown, word)
  }
  for (const word of dependentWords(dependent, fields, shownOf)) insert(shown, word)
  return shown
}

/** The words of fields that say something together, or nothing at all. */
function dependentWords(dependent: Match, fields: Match, shownOf: ShownOf): readonly Shown[] {
  const words: Shown[] = []
  const protocol = protocolOf(dependent)
  if (protocol) words.push({ rank: RANK_OF_PROTOCOL, text: protocol.word, depends: true })
  for (const text of renderVlan(dependent)) words.push({ rank: RANK_OF_VLAN, text, depends: true })
  for (const field of dependent) if (isShown(field, fields, protocol)) words.push(shownOf(field))
  return words
}

/** A word in its place. */
interface Shown {
  readonly rank: number
  readonly text: string
  /** Is it for other fields to say whether, or how, it is shown? */
  readonly depends: boolean
}

/** Behind those of its rank and below. */
function insert(words: Shown[], word: Shown): void {
  let at = words.push(word) - 1
  for (let before = words[at - 1]; before && before.rank > word.rank; before = words[at - 1])
    words[at--] = before
  words[at] = word
}

function toShown(field: MatchField, names: PortNames): Shown {
  return {
    rank: rankOf(field.field),
    text: renderMatchField(fieldNamed(field.field), field, names),
    depends: DEPENDENT.has(field.field),
  }
}

const PROTOCOL = '(protocol)'
const VLAN = '(vlan)'

const numbered = (name: string, count: number) => Array.from({ length: count }, (_, n) => `${name}${n}`)

// prettier-ignore
const PRINT_ORDER: readonly string[] = [
  'pkt_mark', 'recirc_id', 'dp_hash', 'conj_id', 'actset_output', 'ct_state', 'ct_zone', 'ct_mark', 'ct_label',
  'ct_nw_src', 'ct_ipv6_src', 'ct_nw_dst', 'ct_ipv6_dst', 'ct_nw_proto', 'ct_tp_src', 'ct_tp_dst', 'packet_type',
  PROTOCOL,
  ...numbered('reg', 16),
  'tun_id', 'tun_src', 'tun_dst', 'tun_ipv6_src', 'tun_ipv6_dst', 'tun_gbp_id', 'tun_gbp_flags',
  'tun_erspan_ver', 'tun_erspan_idx', 'tun_erspan_dir', 'tun_erspan_hwid', 'tun_gtpu_flags', 'tun_gtpu_msgtype',
  'tun_flags', ...numbered('tun_metadata', 64),
  'metadata', 'in_port', VLAN, 'eth_src', 'eth_dst', 'eth_type',
  'ipv6_src', 'ipv6_dst', 'ipv6_label', 'ip_src', 'ip_dst', 'arp_spa', 'arp_tpa',
  'nsh_flags', 'nsh_ttl', 'nsh_mdtype', 'nsh_np', 'nsh_spi', 'nsh_si', 'nsh_c1', 'nsh_c2', 'nsh_c3', 'nsh_c4',
  'nw_proto', 'arp_op', 'arp_sha', 'arp_tha', 'ip_dscp', 'nw_ecn', 'nw_ttl',
  'mpls_label', 'mpls_tc', 'mpls_ttl', 'mpls_bos', 'nw_frag',
  'icmp_type', 'icmp_code', 'icmpv6_type', 'icmpv6_code',
  'nd_target', 'nd_sll', 'nd_tll', 'nd_reserved', 'nd_options_type',
  'tcp_src', 'tcp_dst', 'udp_src', 'udp_dst', 'sctp_src', 'sctp_dst', 'tcp_flags',
]

const ranks = new Map(PRINT_ORDER.map((name, rank) => [name, rank]))
const RANK_OF_PROTOCOL = rankOf(PROTOCOL)
const RANK_OF_VLAN = rankOf(VLAN)

/** Fields this program has no name for come last. */
function rankOf(name: string): number {
  return ranks.get(name) ?? PRINT_ORDER.length
}

type Beside = readonly [field: string, value: string]

/** Fields that Open vSwitch shows only beside a certain value of another, though it matches on them. */
const SHOWN_WITH: ReadonlyMap<string, Beside> = new Map<string, Beside>([
  ['tun_erspan_idx', ['tun_erspan_ver', '01']],
  ['tun_erspan_dir', ['tun_erspan_ver', '02']],
  ['tun_erspan_hwid', ['tun_erspan_ver', '02']],
  ...[1, 2, 3, 4].map((n) => [`nsh_c${n}`, ['nsh_mdtype', '01']] as [string, Beside]),
])

/** Fields that `isShown` has to be asked for. */
const DEPENDENT: ReadonlySet<string> = new Set([
  ...['eth_type', 'nw_proto', 'packet_type', 'vlan_vid', 'vlan_pcp'],
  ...SHOWN_WITH.keys(),
])

/** @param protocol what the word before it says already */
function isShown(field: MatchField, match: Match, protocol: Protocol | undefined): boolean {
  switch (field.field) {
    case 'eth_type':
      return protocol === undefined
    case 'nw_proto':
      return protocol?.ipProtocol === undefined
    case 'packet_type':
      return !match.some((of) => of.field === 'packet_type' && of.value === ETHERNET)
    default: {
      const needed = SHOWN_WITH.get(field.field)
      return needed ? match.some((of) => of.field === needed[0] && of.value === needed[1]) : !isVlan(field)
    }
  }
}

/** A match on the packet type of frames is not shown. */
const ETHERNET = '00000000' as Hex

/** What the word for the EtherType stands for. */
function protocolOf(match: Match): Protocol | undefined {
  const ethType = exactValue(match, 'eth_type')
  return ethType === undefined ? undefined : protocolOfNumbers(ethType, exactValue(match, 'nw_proto'))
}

function exactValue(match: Match, name: string): string | undefined {
  return match.find(({ field, mask }) => field === name && mask === undefined)?.value
}
