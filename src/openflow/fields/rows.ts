// Every match field that Open vSwitch 3.1 knows, and those of OpenFlow that it does not, as data. Codes are from OpenFlow
// 1.5.1 table 13 and from ovs-fields(7); names are those of ovs-ofctl.
import { ERIC, ET, type Header, NSH, NX, NXM, OF, OF15, ONF, PKT } from './headers.js'

export type FieldFormat =
  'decimal' | 'hex' | 'mac' | 'ipv4' | 'ipv6' | 'port' | 'fragment' | 'packet_type' | FlagFormat

/** Sets of named bits. */
export type FlagFormat = 'ct_state' | 'tcp_flags' | 'tunnel_flags'

export interface RowOptions {
  /** The name in a match as `dump-flows` prints it, where it is not the record's. */
  readonly matchName?: string
  /** The name in `set_field:VALUE->NAME`, where it is not the record's. */
  readonly actionName?: string
  /** Other names that flow text may use. */
  readonly aliases?: readonly string[]
  /** Mask of all bits that a match can ask for, where it is not the width's. */
  readonly full?: string
  /** Bytes on the wire, where they are not those of the width. */
  readonly bytes?: number
  /** May the value be shorter than the field? */
  readonly variable?: boolean
  /** Open vSwitch sends a mask even when all bits count. */
  readonly alwaysMasked?: boolean
}

/** The headers stand newest first; the last is the one that Nicira's actions use. */
export type Row = readonly [
  name: string,
  bits: number,
  format: FieldFormat,
  headers: readonly [Header, ...Header[]],
  options?: RowOptions,
]

function numbered(count: number, row: (n: number) => Row): readonly Row[] {
  return Array.from({ length: count }, (_, n) => row(n))
}

const tp = (end: 'src' | 'dst', ...aliases: string[]): RowOptions => ({ matchName: `tp_${end}`, aliases })

// In the order in which Open vSwitch puts fields on the wire, so that what a field needs stands before it. Those that it
// never sends in a match, but understands, are at the end.
// prettier-ignore
export const ROWS: readonly Row[] = [
  ['packet_type', 32, 'packet_type', [OF(44, 'PACKET_TYPE')]],
  ['dp_hash',     32, 'hex',     [NX(35, 'DP_HASH')]],
  ['recirc_id',   32, 'hex',     [NX(36, 'RECIRC_ID')]],
  ['conj_id',     32, 'decimal', [NX(37, 'CONJ_ID')]],
  ['in_port',     32, 'port',    [OF(0, 'IN_PORT')], { actionName: 'in_port_oxm' }],
  ['actset_output', 32, 'port',  [OF15(43, 'ACTSET_OUTPUT'), ONF(43, 'ACTSET_OUTPUT')]],
  ['eth_src',     48, 'mac',     [OF(4, 'ETH_SRC'), NXM(2, 'ETH_SRC')], { matchName: 'dl_src' }],
  ['eth_dst',     48, 'mac',     [OF(3, 'ETH_DST'), NXM(1, 'ETH_DST')], { matchName: 'dl_dst' }],
  ['eth_type',    16, 'hex',     [OF(5, 'ETH_TYPE'), NXM(3, 'ETH_TYPE')], { matchName: 'dl_type' }],
  ['vlan_vid',    12, 'decimal', [OF(6, 'VLAN_VID')], { full: '1fff' }],
  ['vlan_pcp',    3,  'decimal', [OF(7, 'VLAN_PCP')], { matchName: 'dl_vlan_pcp' }],
  ['mpls_tc',     3,  'decimal', [OF(35, 'MPLS_TC')]],
  ['mpls_bos',    1,  'decimal', [OF(36, 'MPLS_BOS')]],
  ['mpls_ttl',    8,  'decimal', [NX(30, 'MPLS_TTL')]],
  ['mpls_label',  20, 'decimal', [OF(34, 'MPLS_LABEL')], { bytes: 4 }],
  ['ip_src',      32, 'ipv4',    [OF(11, 'IPV4_SRC'), NXM(7, 'IP_SRC')], { matchName: 'nw_src' }],
  ['ip_dst',      32, 'ipv4',    [OF(12, 'IPV4_DST'), NXM(8, 'IP_DST')], { matchName: 'nw_dst' }],
  ['ipv6_src',    128, 'ipv6',   [OF(26, 'IPV6_SRC'), NX(19, 'IPV6_SRC')]],
  ['ipv6_dst',    128, 'ipv6',   [OF(27, 'IPV6_DST'), NX(20, 'IPV6_DST')]],
  ['nw_frag',     2,  'fragment', [NX(26, 'IP_FRAG')], { actionName: 'ip_frag' }],
  ['ip_dscp',     6,  'decimal', [OF(8, 'IP_DSCP')]],
  ['nw_ecn',      2,  'decimal', [OF(9, 'IP_ECN'), NX(28, 'IP_ECN')], { aliases: ['ip_ecn'] }],
  ['nw_ttl',      8,  'decimal', [NX(29, 'IP_TTL')]],
  ['ipv6_label',  20, 'hex',     [OF(28, 'IPV6_FLABEL'), NX(27, 'IPV6_LABEL')], { bytes: 4 }],
  ['nw_proto',    8,  'decimal', [OF(10, 'IP_PROTO'), NXM(6, 'IP_PROTO')], { aliases: ['ip_proto'] }],
  ['tcp_src',     16, 'decimal', [OF(13, 'TCP_SRC'), NXM(9, 'TCP_SRC')], tp('src')],
  ['tcp_dst',     16, 'decimal', [OF(14, 'TCP_DST'), NXM(10, 'TCP_DST')], tp('dst')],
  ['tcp_flags',   12, 'tcp_flags', [OF15(42, 'TCP_FLAGS'), ONF(42, 'TCP_FLAGS'), NX(34, 'TCP_FLAGS')], { full: 'ffff' }],
  ['udp_src',     16, 'decimal', [OF(15, 'UDP_SRC'), NXM(11, 'UDP_SRC')], tp('src')],
  ['udp_dst',     16, 'decimal', [OF(16, 'UDP_DST'), NXM(12, 'UDP_DST')], tp('dst')],
  ['sctp_src',    16, 'decimal', [OF(17, 'SCTP_SRC')], tp('src')],
  ['sctp_dst',    16, 'decimal', [OF(18, 'SCTP_DST')], tp('dst')],
  ['icmp_type',   8,  'decimal', [OF(19, 'ICMPV4_TYPE'), NXM(13, 'ICMP_TYPE')], { aliases: ['icmpv4_type'] }],
  ['icmp_code',   8,  'decimal', [OF(20, 'ICMPV4_CODE'), NXM(14, 'ICMP_CODE')], { aliases: ['icmpv4_code'] }],
  ['icmpv6_type', 8,  'decimal', [OF(29, 'ICMPV6_TYPE'), NX(21, 'ICMPV6_TYPE')], { matchName: 'icmp_type' }],
  ['icmpv6_code', 8,  'decimal', [OF(30, 'ICMPV6_CODE'), NX(22, 'ICMPV6_CODE')], { matchName: 'icmp_code' }],
  ['nd_reserved', 32, 'decimal', [ERIC(1, 'ICMPV6_ND_RESERVED')]],
  ['nd_target',   128, 'ipv6',   [OF(31, 'IPV6_ND_TARGET'), NX(23, 'ND_TARGET')]],
  ['nd_options_type', 8, 'decimal', [ERIC(2, 'ICMPV6_ND_OPTIONS_TYPE')]],
  ['nd_sll',      48, 'mac',     [OF(32, 'IPV6_ND_SLL'), NX(24, 'ND_SLL')]],
  ['nd_tll',      48, 'mac',     [OF(33, 'IPV6_ND_TLL'), NX(25, 'ND_TLL')]],
  ['arp_op',      16, 'decimal', [OF(21, 'ARP_OP'), NXM(15, 'ARP_OP')]],
  ['arp_spa',     32, 'ipv4',    [OF(22, 'ARP_SPA'), NXM(16, 'ARP_SPA')]],
  ['arp_tpa',     32, 'ipv4',    [OF(23, 'ARP_TPA'), NXM(17, 'ARP_TPA')]],
  ['arp_sha',     48, 'mac',     [OF(24, 'ARP_SHA'), NX(17, 'ARP_SHA')]],
  ['arp_tha',     48, 'mac',     [OF(25, 'ARP_THA'), NX(18, 'ARP_THA')]],
  ['tun_id',      64, 'hex',     [OF(38, 'TUNNEL_ID'), NX(16, 'TUN_ID')], { aliases: ['tunnel_id'] }],
  ['tun_flags',   1,  'tunnel_flags', [NX(104, 'TUN_FLAGS')], { bytes: 2, alwaysMasked: true }],
  ['tun_src',     32, 'ipv4',    [NX(31, 'TUN_IPV4_SRC')]],
  ['tun_dst',     32, 'ipv4',    [NX(32, 'TUN_IPV4_DST')]],
  ['tun_ipv6_src', 128, 'ipv6',  [NX(109, 'TUN_IPV6_SRC')]],
  ['tun_ipv6_dst', 128, 'ipv6',  [NX(110, 'TUN_IPV6_DST')]],
  ['tun_gbp_id',  16, 'decimal', [NX(38, 'TUN_GBP_ID')]],
  ['tun_gbp_flags', 8, 'hex',    [NX(39, 'TUN_GBP_FLAGS')]],
  ...numbered(64, (n) => [
    `tun_metadata${n}`, 992, 'hex', [NX(40 + n, `TUN_METADATA${n}`)], { variable: true },
  ]),
  ['tun_erspan_idx',  20, 'hex',     [ET(11, 'ERSPAN_IDX')], { bytes: 4 }],
  ['tun_erspan_ver',  4,  'decimal', [ET(12, 'ERSPAN_VER')], { full: 'ff' }],
  ['tun_erspan_dir',  1,  'decimal', [ET(13, 'ERSPAN_DIR')], { full: 'ff' }],
  ['tun_erspan_hwid', 6,  'hex',     [ET(14, 'ERSPAN_HWID')], { full: 'ff' }],
  ['tun_gtpu_flags',  8,  'hex',     [ET(15, 'GTPU_FLAGS')], { matchName: 'gtpu_flags' }],
  ['tun_gtpu_msgtype', 8, 'decimal', [ET(16, 'GTPU_MSGTYPE')], { matchName: 'gtpu_msgtype' }],
  ['nsh_flags',   8,  'decimal', [NSH(1, 'FLAGS')]],
  ['nsh_ttl',     8,  'decimal', [NSH(10, 'TTL')]],
  ['nsh_mdtype',  8,  'decimal', [NSH(2, 'MDTYPE')]],
  ['nsh_np',      8,  'decimal', [NSH(3, 'NP')]],
  ['nsh_spi',     24, 'hex',     [NSH(4, 'SPI')], { bytes: 4, aliases: ['nsp'] }],
  ['nsh_si',      8,  'decimal', [NSH(5, 'SI')], { aliases: ['nsi'] }],
  ...numbered(4, (n) => [
    `nsh_c${n + 1}`, 32, 'hex', [NSH(6 + n, `C${n + 1}`)], { aliases: [`nshc${n + 1}`] },
  ]),
  ...numbered(16, (n) => [`reg${n}`, 32, 'hex', [NX(n, `REG${n}`)]]),
  ...numbered(8, (n) => [`xreg${n}`, 64, 'hex', [PKT(n, `PKT_REG${n}`)]]),
  ['pkt_mark',    32, 'hex',     [NX(33, 'PKT_MARK')]],
  ['ct_state',    32, 'ct_state', [NX(105, 'CT_STATE')], { full: '000000ff', alwaysMasked: true }],
  ['ct_zone',     16, 'hex',     [NX(106, 'CT_ZONE')]],
  ['ct_mark',     32, 'hex',     [NX(107, 'CT_MARK')]],
  ['ct_label',    128, 'hex',    [NX(108, 'CT_LABEL')]],
  ['ct_nw_src',   32, 'ipv4',    [NX(120, 'CT_NW_SRC')]],
  ['ct_ipv6_src', 128, 'ipv6',   [NX(122, 'CT_IPV6_SRC')]],
  ['ct_nw_dst',   32, 'ipv4',    [NX(121, 'CT_NW_DST')]],
  ['ct_ipv6_dst', 128, 'ipv6',   [NX(123, 'CT_IPV6_DST')]],
  ['ct_nw_proto', 8,  'decimal', [NX(119, 'CT_NW_PROTO')]],
  ['ct_tp_src',   16, 'decimal', [NX(124, 'CT_TP_SRC')]],
  ['ct_tp_dst',   16, 'decimal', [NX(125, 'CT_TP_DST')]],
  ['metadata',    64, 'hex',     [OF(2, 'METADATA')]],
  ...numbered(4, (n) => [`xxreg${n}`, 128, 'hex', [NX(111 + n, `XXREG${n}`)]]),
  ['nxm_in_port', 16, 'port',    [NXM(0, 'IN_PORT')], { actionName: 'in_port' }],
  ['vlan_tci',    16, 'hex',     [NXM(4, 'VLAN_TCI')]],
  ['nw_tos',      8,  'decimal', [NXM(5, 'IP_TOS')]],
  ['in_phy_port', 32, 'port',    [OF(1, 'IN_PHY_PORT')]],
  ['pbb_isid',    24, 'hex',     [OF(37, 'PBB_ISID')]],
  ['ipv6_exthdr', 9,  'hex',     [OF(39, 'IPV6_EXTHDR')]],
  ['pbb_uca',     1,  'decimal', [OF(41, 'PBB_UCA')]],
]
