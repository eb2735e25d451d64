#!/usr/bin/env python3
"""Generate match.json: what ovs-ofctl sends and the switch gives back for every match field, in the many ways to write it.

Usage:   ./generate_match.py [OUTFILE]      (needs what generate.py needs)
"""
import json, os, sys
import generate as g

OUT = sys.argv[1] if len(sys.argv) > 1 else os.path.join(g.HERE, 'match.json')

MATCHES = [
    'in_port_oxm=5',
    'in_port=65534',
    'dp_hash=3',
    'recirc_id=3',
    'tun_metadata0=0x34/0xff',
    'tun_metadata0',
    'tun_metadata0=0x1234',
    'tun_metadata0=0x0',
    'tun_flags=oam',
    'tun_flags=-oam',
    'tun_flags=+oam',
    'tun_flags=0',
    'tun_gbp_id=5,tun_gbp_flags=0xf',
    'tun_gbp_id=5/0xff,tun_gbp_flags=0x1/0x3',
    'tun_erspan_ver=1,tun_erspan_idx=3,tun_erspan_dir=1,tun_erspan_hwid=2',
    'tun_erspan_ver=2,tun_erspan_idx=3,tun_erspan_dir=1,tun_erspan_hwid=2',
    'tun_gtpu_flags=0x30,tun_gtpu_msgtype=255',
    'tun_ipv6_src=::1,tun_ipv6_dst=fd00::/16',
    'tun_src=1.2.3.4/16,tun_dst=1.2.3.4/255.0.255.0',
    'tun_id=5',
    'tunnel_id=5',
    'ct_state=0',
    'ct_state=0x1/0x3',
    'ct_state=new|est',
    'ct_state=est',
    'ct_state=+new+est+rel+rpl+inv+trk+snat+dnat',
    'ct_state=-new-est-rel-rpl-inv-trk-snat-dnat',
    'ct_state=0xff',
    'ct_zone=0xffff',
    'ct_label=0x1234567890abcdef1234567890abcdef',
    'ct_label=1',
    'ct_label=0/0xff',
    'ct_label=0',
    'ct_mark=5',
    'ct_state=+trk,ip,ct_nw_src=10.0.0.0/8,ct_nw_dst=1.1.1.1,ct_nw_proto=6,ct_tp_src=3,ct_tp_dst=0x10/0xf0',
    'ct_state=+trk,ipv6,ct_ipv6_src=fd00::/8,ct_ipv6_dst=::2',
    'ct_state=+trk,ct_nw_src=10.0.0.0/8,ip',
    'packet_type=(0,0)',
    'packet_type=(0,0),dl_dst=00:00:00:00:00:01',
    'packet_type=(1,0x800),nw_src=1.2.3.4',
    'packet_type=(1,0x86dd),ipv6_src=::1',
    'packet_type=(1,2048),nw_proto=6,tp_src=5',
    'mpls,mpls_label=5,mpls_tc=3,mpls_bos=1,mpls_ttl=9',
    'mplsm,mpls_label=0x5',
    'dl_type=0x894f,nsh_flags=1,nsh_ttl=3,nsh_mdtype=1,nsh_np=1,nsh_spi=0x123,nsh_si=4,nsh_c1=1,nsh_c2=2/0xf,nsh_c3=3,nsh_c4=4',
    'dl_type=0x894f,nsh_flags=1/3,nsh_mdtype=2',
    'ipv6,ipv6_label=0x123',
    'ipv6,ipv6_label=0x123/0xfff',
    'ipv6,ipv6_label=0x12345/0xfffff',
    'icmp6,icmp_type=135,icmp_code=0,nd_target=fd00::1/64,nd_sll=00:00:00:00:00:01',
    'icmp6,icmp_type=136,icmp_code=0,nd_target=fd00::1,nd_tll=00:00:00:00:00:01/ff:ff:ff:00:00:00,nd_reserved=5,nd_options_type=2',
    'icmp6,icmp_type=134',
    'tcp,tcp_flags=syn',
    'tcp,tcp_flags=syn|ack',
    'tcp,tcp_flags=0',
    'tcp,tcp_flags=0x12/0x3f',
    'tcp6,tcp_flags=+fin+syn+rst+psh+ack+urg+ece+cwr+ns',
    'tcp,tcp_flags=+[200]',
    'tcp,tcp_flags=0xfff/0xfff',
    'tcp,tcp_flags=-syn-[800]',
    'ip,nw_frag=no',
    'ip,nw_frag=yes',
    'ip,nw_frag=first',
    'ip,nw_frag=later',
    'ip,nw_frag=not_later',
    'dl_src=01:02:03:04:05:06/ff:ff:ff:00:00:00,eth_dst=01:00:00:00:00:00/01:00:00:00:00:00',
    'rarp,arp_spa=1.2.3.4,arp_op=3',
    'ip,nw_proto=47',
    'ip,nw_proto=6',
    'ipv6,nw_proto=58',
    'ip,nw_proto=1,icmp_type=8',
    'sctp,tp_src=0x10/0xf0,sctp_dst=3',
    'udp6,udp_src=3',
    'ip,nw_tos=0x10,nw_ecn=0',
    'ip,ip_ecn=3,ip_proto=17,udp_dst=5',
    'xxreg0=0x1/0xff00ff',
    'xxreg3=0x0123456789abcdef0123456789abcdef',
    'xreg1=0x1/0xffffffff',
    'reg1=1,reg2=2,reg3=3,reg15=0',
    'reg0=1/0xf,reg1=1/0xf0f',
    'vlan_vid=0x1005/0x1fff',
    'vlan_vid=5',
    'vlan_vid=0x1000/0x1000',
    'vlan_vid=0x1005/0x100f',
    'vlan_vid=0',
    'dl_vlan=0xffff',
    'dl_vlan=0',
    'dl_vlan_pcp=7',
    'vlan_pcp=7,dl_vlan=4',
    'vlan_tci=0xf005/0xf00f',
    'vlan_tci=0x1123',
    'vlan_tci=0x0064/0x1fff',
    'dl_type=0x05ff',
    'dl_type=0x600',
    'metadata=0x1/0xff',
    'ip,nw_src=10.0.0.0/8,ip_dst=1.2.3.4/255.255.0.0',
    'ipv6,ipv6_src=::ffff:1.2.3.4,ipv6_dst=1:2:3::/ffff:0:ffff::',
    'ipv6,ipv6_src=::/0,ipv6_dst=::',
    'ipv6,ipv6_src=1::2:0:0:3:0,ipv6_dst=1:0:0:2::/120',
    'actset_output=controller',
    'actset_output=in_port',
    'in_port=controller',
    'in_port=any',
    'in_port=none',
    'in_port=65280',
    'in_port=65279',
    'conj_id=0xf',
    'pkt_mark=0',
    'tun_id=0',
    'ip,nw_ttl=64,nw_frag=no,nw_tos=4,nw_proto=6,tp_src=1,tcp_flags=+syn,nw_src=1.1.1.1,reg3=1,pkt_mark=1,metadata=3,in_port=3,dl_src=00:00:00:00:00:01,dl_vlan=5,tun_id=5,ct_state=+trk,ct_mark=1,conj_id=3',
    'tp_src=5,tcp',
    'idle_timeout=65535,hard_timeout=0xffff,priority=0x10,importance=9',
    'ct_zone=0',
    'ct_state=+trk-new,tcp6,ct_nw_proto=6,ct_tp_dst=0x50/0xf0',
    'ct_state=+est,ct_nw_dst=10.0.0.0/8,ct_nw_proto=17,ct_tp_src=5,udp',
    'ct_state=+est,ct_ipv6_src=fd00::/8,ipv6,ct_ipv6_dst=::2',
    'eth',
    'eth_type=0x800',
    'ip6',
    'in_port=unset',
    'arp,nw_src=1.2.3.4',
    'arp,nw_proto=1',
    'tun_metadata3=0x1234/0xffff',
    'ip,nw_src=10.0.0.1/0.0.0.0',
    'metadata=5/0',
    'tcp,tp_dst=0/0xff00',
    'ipv6,ipv6_src=::1.2.3.4,ipv6_dst=::0.1.0.0',
    'ipv6,ipv6_src=::1:2:3:4:5:6:7,ipv6_dst=1:2:3:4:5:6:7::',
    'ipv6,ipv6_src=0:1:0:1:0:1:0:1,ipv6_dst=::2:0:1',
    'arp,arp_op=0x2',
    'dl_type=0x8847',
    'ct_label=0xffffffffffffffffffffffffffffffff/0xffffffffffffffffffffffffffffffff',
    'ct_state=trk|new',
]


def record(sw, px, ver, proto, text):
    to = 'unix:' + px.path
    sw.run('ovs-ofctl', '-O', 'OpenFlow15', 'del-flows', to); px.take()
    r = sw.run('ovs-ofctl', '-O', proto, 'add-flow', to, text, check=False)
    msgs = px.take()
    mods = [m for d, m in msgs if d == '>' and m[1] == 14]
    out = {'text': text, 'version': proto, 'flow_mod_hex': g.xid1(mods[-1]).hex() if mods else None,
           'flow_stats_entry_hex': None, 'dump_text': None, 'error_text': None}
    errors = [l for l in r.stderr.split('\n') if 'OFPT_ERROR' in l]
    if errors or not mods:
        out['error_text'] = errors[0].split(': ')[-1] if errors else r.stderr.strip().split('\n')[-1]
        return out
    d = sw.run('ovs-ofctl', '-O', proto, '--no-stats', '--no-names', 'dump-flows', to)
    entries = g.flow_entries(px.take(), ver)
    out['flow_stats_entry_hex'] = entries[0].hex()
    out['dump_text'] = d.stdout.strip().split('\n')[-1].strip()
    return out


def main():
    sw = g.Switch()
    try:
        px = g.Proxy(sw.dir + '/p', sw.mgmt)
        vectors = [record(sw, px, ver, proto, 'priority=5,' + m + ',actions=drop')
                   for ver, proto in ((4, 'OpenFlow13'), (6, 'OpenFlow15')) for m in MATCHES]
        with open(OUT, 'w') as f:
            f.write('{"generated_from": %s,\n"vectors": [\n' % json.dumps(sw.run('ovs-vswitchd', '--version').stdout.split('\n')[0]))
            f.write(',\n'.join(json.dumps(v) for v in vectors) + '\n]}\n')
    finally:
        sw.stop()


if __name__ == '__main__':
    main()
