// Words for an eth_type and nw_proto in flow text: `tcp` stands for eth_type=0x0800,nw_proto=6.

export interface Protocol {
  readonly word: string
  /** EtherType in hexadecimal digits */
  readonly ethType: string
  /** IP protocol in hexadecimal digits */
  readonly ipProtocol?: string
}

const PROTOCOLS: readonly Protocol[] = [
  { word: 'icmp', ethType: '0800', ipProtocol: '01' },
  { word: 'tcp', ethType: '0800', ipProtocol: '06' },
  { word: 'udp', ethType: '0800', ipProtocol: '11' },
  { word: 'sctp', ethType: '0800', ipProtocol: '84' },
  { word: 'icmp6', ethType: '86dd', ipProtocol: '3a' },
  { word: 'tcp6', ethType: '86dd', ipProtocol: '06' },
  { word: 'udp6', ethType: '86dd', ipProtocol: '11' },
  { word: 'sctp6', ethType: '86dd', ipProtocol: '84' },
  { word: 'ip', ethType: '0800' },
  { word: 'arp', ethType: '0806' },
  { word: 'rarp', ethType: '8035' },
  { word: 'ipv6', ethType: '86dd' },
  { word: 'mpls', ethType: '8847' },
  { word: 'mplsm', ethType: '8848' },
]

/** Words that mean a protocol but are never printed for it. */
const ALIASES: ReadonlyMap<string, string> = new Map([['ip6', 'ipv6']])

const byWord: ReadonlyMap<string, Protocol> = new Map(PROTOCOLS.map((protocol) => [protocol.word, protocol]))
const byNumbers: ReadonlyMap<string, Protocol> = new Map(
  PROTOCOLS.map((protocol) => [keyOf(protocol.ethType, protocol.ipProtocol), protocol]),
)

function keyOf(ethType: string, ipProtocol: string | undefined): string {
  return ipProtocol === undefined ? ethType : `${ethType}/${ipProtocol}`
}

export function protocolOfWord(word: string): Protocol | undefined {
  return byWord.get(ALIASES.get(word) ?? word)
}

/** The most exact word: that of both numbers, else that of the EtherType. */
export function protocolOfNumbers(ethType: string, ipProtocol: string | undefined): Protocol | undefined {
  return byNumbers.get(keyOf(ethType, ipProtocol)) ?? byNumbers.get(ethType)
}

/** "Any frame": the packet type of Ethernet. */
export const ANY_FRAME = 'eth'

/** In ARP and RARP the names of IP's fields mean ARP's. */
export const ARP_WORDS: ReadonlyMap<string, string> = new Map([
  ['ip_src', 'arp_spa'],
  ['ip_dst', 'arp_tpa'],
  ['nw_proto', 'arp_op'],
])
export const ARP_TYPES: ReadonlySet<string> = new Set(['0806', '8035'])

/** How the names of the fields begin that belong to an IP protocol (hexadecimal digits). */
export const FIELD_PREFIX: ReadonlyMap<string, string> = new Map([
  ['01', 'icmp_'],
  ['06', 'tcp_'],
  ['11', 'udp_'],
  ['3a', 'icmpv6_'],
  ['84', 'sctp_'],
])
