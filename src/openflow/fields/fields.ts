// Match fields as data: a row is all there is to know about a field. Codes are from OpenFlow 1.5.1 table 13 and from
// Open vSwitch's include/openvswitch/meta-flow.h; names are those ovs-ofctl prints (match, set_field, move).
import { type Hex, hexFromNumber, onesHex } from '../../values/hex.js'

export type FieldFormat = 'decimal' | 'hex' | 'mac' | 'ipv4' | 'port'

export interface OxmCode {
  readonly oxmClass: number
  readonly code: number
}

export interface Field extends OxmCode {
  /** The name in records, and in `set_field:VALUE->NAME`. */
  readonly name: string
  /** The name in a match as `dump-flows` prints it. */
  readonly matchName: string
  /** The name in `move:NAME[0..31]->…`. */
  readonly moveName: string
  /** The header by which Nicira's actions of OpenFlow 1.3 name the field, where it has an older one. */
  readonly nxm: OxmCode
  /** Width on the wire in bytes. */
  readonly bytes: number
  /** Width of the meaning in bits. */
  readonly bits: number
  readonly format: FieldFormat
}

type Row = readonly [
  name: string,
  matchName: string,
  moveName: string,
  oxmClass: number,
  code: number,
  bits: number,
  format: FieldFormat,
  nxmClass?: number,
  nxmCode?: number,
]

// OXM classes: OpenFlow basic, Nicira's extensions, and its class of fields that OpenFlow 1.0 had.
const OF = 0x8000
const NX = 0x0001
const NXM = 0x0000

const REGISTERS: readonly Row[] = Array.from({ length: 16 }, (_, n) => [
  `reg${n}`,
  `reg${n}`,
  `NXM_NX_REG${n}`,
  NX,
  n,
  32,
  'hex',
])

// In the order in which Open vSwitch puts fields on the wire, so that what a field needs stands before it.
// prettier-ignore
const ROWS: readonly Row[] = [
  ['in_port',     'in_port',      'OXM_OF_IN_PORT',      OF, 0,  32,  'port'],
  ['eth_src',     'dl_src',       'NXM_OF_ETH_SRC',      OF, 4,  48,  'mac', NXM, 2],
  ['eth_dst',     'dl_dst',       'NXM_OF_ETH_DST',      OF, 3,  48,  'mac', NXM, 1],
  ['eth_type',    'dl_type',      'NXM_OF_ETH_TYPE',     OF, 5,  16,  'hex', NXM, 3],
  ['vlan_vid',    'vlan_vid',     'OXM_OF_VLAN_VID',     OF, 6,  13,  'decimal'],
  ['vlan_pcp',    'dl_vlan_pcp',  'OXM_OF_VLAN_PCP',     OF, 7,  3,   'decimal'],
  ['ip_src',      'nw_src',       'NXM_OF_IP_SRC',       OF, 11, 32,  'ipv4', NXM, 7],
  ['ip_dst',      'nw_dst',       'NXM_OF_IP_DST',       OF, 12, 32,  'ipv4', NXM, 8],
  ['ip_dscp',     'nw_tos',       'OXM_OF_IP_DSCP',      OF, 8,  6,   'decimal'],
  ['nw_ecn',      'nw_ecn',       'OXM_OF_IP_ECN',       OF, 9,  2,   'decimal'],
  ['nw_ttl',      'nw_ttl',       'NXM_NX_IP_TTL',       NX, 29, 8,   'decimal'],
  ['nw_proto',    'nw_proto',     'NXM_OF_IP_PROTO',     OF, 10, 8,   'decimal', NXM, 6],
  ['tcp_src',     'tp_src',       'NXM_OF_TCP_SRC',      OF, 13, 16,  'decimal', NXM, 9],
  ['tcp_dst',     'tp_dst',       'NXM_OF_TCP_DST',      OF, 14, 16,  'decimal', NXM, 10],
  ['udp_src',     'tp_src',       'NXM_OF_UDP_SRC',      OF, 15, 16,  'decimal', NXM, 11],
  ['udp_dst',     'tp_dst',       'NXM_OF_UDP_DST',      OF, 16, 16,  'decimal', NXM, 12],
  ['sctp_src',    'tp_src',       'OXM_OF_SCTP_SRC',     OF, 17, 16,  'decimal'],
  ['sctp_dst',    'tp_dst',       'OXM_OF_SCTP_DST',     OF, 18, 16,  'decimal'],
  ['icmp_type',   'icmp_type',    'NXM_OF_ICMP_TYPE',    OF, 19, 8,   'decimal', NXM, 13],
  ['icmp_code',   'icmp_code',    'NXM_OF_ICMP_CODE',    OF, 20, 8,   'decimal', NXM, 14],
  ['icmpv6_type', 'icmp_type',    'NXM_NX_ICMPV6_TYPE',  OF, 29, 8,   'decimal', NX, 21],
  ['icmpv6_code', 'icmp_code',    'NXM_NX_ICMPV6_CODE',  OF, 30, 8,   'decimal', NX, 22],
  ['arp_op',      'arp_op',       'NXM_OF_ARP_OP',       OF, 21, 16,  'decimal', NXM, 15],
  ['arp_spa',     'arp_spa',      'NXM_OF_ARP_SPA',      OF, 22, 32,  'ipv4', NXM, 16],
  ['arp_tpa',     'arp_tpa',      'NXM_OF_ARP_TPA',      OF, 23, 32,  'ipv4', NXM, 17],
  ['arp_sha',     'arp_sha',      'NXM_NX_ARP_SHA',      OF, 24, 48,  'mac', NX, 17],
  ['arp_tha',     'arp_tha',      'NXM_NX_ARP_THA',      OF, 25, 48,  'mac', NX, 18],
  ['tun_id',      'tun_id',       'NXM_NX_TUN_ID',       OF, 38, 64,  'hex', NX, 16],
  ['tun_src',     'tun_src',      'NXM_NX_TUN_IPV4_SRC', NX, 31, 32,  'ipv4'],
  ['tun_dst',     'tun_dst',      'NXM_NX_TUN_IPV4_DST', NX, 32, 32,  'ipv4'],
  ...REGISTERS,
  ['pkt_mark',    'pkt_mark',     'NXM_NX_PKT_MARK',     NX, 33, 32,  'hex'],
  ['metadata',    'metadata',     'OXM_OF_METADATA',     OF, 2,  64,  'hex'],
]

export const FIELDS: readonly Field[] = ROWS.map(fieldOfRow)

function fieldOfRow(row: Row): Field {
  const [name, matchName, moveName, oxmClass, code, bits, format, nxmClass = oxmClass, nxmCode = code] = row
  const nxm = { oxmClass: nxmClass, code: nxmCode }
  return { name, matchName, moveName, oxmClass, code, nxm, bytes: Math.ceil(bits / 8), bits, format }
}

/** The mask of all bits that a field has. */
export function allOnes({ bits, bytes }: Field): Hex {
  return bits % 8 === 0 ? onesHex(bytes) : hexFromNumber(2 ** bits - 1, bytes)
}

const codeKey = ({ oxmClass, code }: OxmCode) => (oxmClass << 7) | code

const byName = new Map(FIELDS.map((field) => [field.name, field]))
const ranks = new Map(FIELDS.map((field, rank) => [field.name, rank]))
const byMoveName = new Map(FIELDS.map((field) => [field.moveName, field]))
const byCode = new Map(FIELDS.map((field) => [codeKey(field), field]))
const byNxm = new Map(FIELDS.map((field) => [codeKey(field.nxm), field]))

/** The field of that name. Only for names in this program's own text: a name from outside is looked up by `findField`. */
export function fieldNamed(name: string): Field {
  const field = findField(name)
  if (!field) throw new Error(`no such field: ${name}`)
  return field
}

/** The field of that record name, `oxm_8000_45` for fields without a row included; undefined when there is none. */
export function findField(name: string): Field | undefined {
  return byName.get(name) ?? unnamedFieldNamed(name)
}

function unnamedFieldNamed(name: string): Field | undefined {
  const unnamed = /^oxm_([0-9a-f]{4})_([0-9]{1,3})_([0-9]{1,3})$/.exec(name)
  if (!unnamed) return undefined
  const [oxmClass, code, bytes] = [
    Number.parseInt(unnamed[1] ?? '', 16),
    Number(unnamed[2]),
    Number(unnamed[3]),
  ]
  return unnamedField(oxmClass, code, bytes)
}

/** Place of a field on the wire; fields without a row come last. */
export function wireRank(name: string): number {
  return ranks.get(name) ?? FIELDS.length
}

export function findFieldByMoveName(name: string): Field | undefined {
  return byMoveName.get(name)
}

/** The field of an OXM header. A field this table does not list keeps its bytes under a name made of its code. */
export function fieldOfHeader({ oxmClass, code }: OxmCode, bytes: number): Field {
  const field = byCode.get(codeKey({ oxmClass, code }))
  return field?.bytes === bytes ? field : unnamedField(oxmClass, code, bytes)
}

/** The same for the older headers of `Field.nxm`. */
export function fieldOfNxmHeader({ oxmClass, code }: OxmCode, bytes: number): Field {
  const field = byNxm.get(codeKey({ oxmClass, code }))
  return field?.bytes === bytes ? field : unnamedField(oxmClass, code, bytes)
}

function unnamedField(oxmClass: number, code: number, bytes: number): Field {
  const name = `oxm_${hexFromNumber(oxmClass, 2)}_${code}_${bytes}`
  const nxm = { oxmClass, code }
  return { name, matchName: name, moveName: name, ...nxm, nxm, bytes, bits: bytes * 8, format: 'hex' }
}
