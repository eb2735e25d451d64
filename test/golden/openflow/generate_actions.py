#!/usr/bin/env python3
"""Record how Open vSwitch sends, keeps and shows actions, one flow per line of action-flows.txt.

Usage:   ./generate_actions.py [OUTDIR]     (OUTDIR defaults to this directory; needs what generate.py needs)

Writes   actions.json: each flow as ovs-ofctl sends it in OpenFlow 1.3 and 1.5, and what a 1.3 and a 1.5 connection
         are given back. Flows that ovs-ofctl or the switch refuses are left out.
"""
import json, os, sys
sys.dont_write_bytecode = True
from generate import HERE, OUT, Proxy, Switch, flow_entries, xid1

VERSIONS = (('OpenFlow13', 4), ('OpenFlow15', 6))

def prepare(sw):
    sw.run('ovs-ofctl', '-OOpenFlow13', 'add-group', 'br0', 'group_id=1,type=all,bucket=output:12')
    for meter in (1, 9):
        sw.run('ovs-ofctl', '-OOpenFlow13', 'add-meter', 'br0', 'meter=%d,kbps,band=type=drop,rate=1000' % meter)
    sw.run('ovs-ofctl', '-OOpenFlow13', 'add-tlv-map', 'br0', '{class=0x102,type=0x80,len=4}->tun_metadata0')

def record(sw, px, text, proto):
    """The flow-mod and what comes back in each version; None when the flow is refused or not shown."""
    px.take()
    if sw.run('ovs-ofctl', '-O', proto, 'add-flow', 'unix:' + px.path, text, check=False).returncode: return None
    mods = [m for d, m in px.take() if d == '>' and m[1] == 14]
    back = []
    for shown, ver in VERSIONS:
        dump = sw.run('ovs-ofctl', '-O', shown, '--no-stats', '--no-names', 'dump-flows', 'unix:' + px.path, check=False)
        lines = [l.strip() for l in dump.stdout.splitlines() if 'actions=' in l]
        entries = flow_entries(px.take(), ver)
        if lines and entries:
            back.append(dict(version=shown, dump_text=lines[0], flow_stats_entry_hex=entries[0].hex()))
    return dict(text=text, version=proto, flow_mod_hex=xid1(mods[0]).hex(), back=back) if back else None

def main():
    flows = [l.strip() for l in open(os.path.join(HERE, 'action-flows.txt')) if l.strip()]
    sw, out = Switch(), []
    try:
        prepare(sw)
        px = Proxy(sw.dir + '/proxy.sock', sw.mgmt)
        for text in flows:
            for proto, _ in VERSIONS:
                sw.run('ovs-ofctl', '-O', proto, 'del-flows', 'br0')
                v = record(sw, px, text, proto)
                if v: out.append(v)
        ver = sw.run('ovs-vswitchd', '--version').stdout.splitlines()[0]
    finally:
        sw.stop()
    with open(os.path.join(OUT, 'actions.json'), 'w') as f:
        json.dump(dict(generated_from=ver, vectors=out), f, indent=1); f.write('\n')
    print('actions.json %d vectors' % len(out))

if __name__ == '__main__':
    main()
