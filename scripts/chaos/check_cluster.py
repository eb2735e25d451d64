"""Do both bridges of every node hold what the manifests say? Serves questions, a line of JSON each, with a line of JSON.

  {"folder": PATH, "nodes": {NAME: OVS_RUNDIR}, "candidates": [{"contested": {PORT: NODE}}],
   "away": [NODE], "unseen": [NODE]}

contested: which node has a port that is plugged in at several of them; the first candidate by which all is right is told.
away: their switches are not looked at. unseen: the others do not know what is plugged in there, as their lease has run out.
"""
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from check import SHOWN, compare, dump, parse_dump, run
from expected import Manifests
from expected_cluster import IntegrationExpected, Site, TunnelExpected, place_ports

BRIDGES = {'br-int': IntegrationExpected, 'br-tun': TunnelExpected}


class Switch:
    """One moment of a node: its dumps, and its ports."""

    def __init__(self, rundir):
        self.dumps = {bridge: dump(bridge, rundir) for bridge in BRIDGES}
        columns = ['-f', 'json', '--columns=name,ofport,external_ids', 'list', 'Interface']
        lists = [word for bridge in BRIDGES for word in ('--', 'list-ports', bridge)]
        text = run('ovs-vsctl', '--timeout=10', *columns, *lists, rundir=rundir)
        table, _, names = text.partition('\n')
        # A number that is not there is an empty set; -1 says that the device could not be opened.
        rows = [row for row in json.loads(table)['data'] if isinstance(row[1], int) and row[1] > 0]
        bridge_of = {name: 'br-tun' if name in ('patch-int', 'tun') else 'br-int' for name in names.split()}
        self.ofports = {
            bridge: {name: ofport for name, ofport, _ in rows if bridge_of.get(name) == bridge} for bridge in BRIDGES
        }
        self.names = {name: dict(ids[1]).get('iface-id', name) for name, _, ids in rows if name in bridge_of}

    def ports(self):
        """OpenFlow port number by name of the manifests' port: the first interface by name that bears it."""
        ofports = self.ofports['br-int']
        return {self.names[name]: ofports[name] for name in sorted(ofports, reverse=True)}


def look(folder, nodes, candidates, away=(), unseen=()):
    manifests = Manifests(folder)
    here = [name for name in nodes if name not in away]
    with ThreadPoolExecutor(len(here)) as pool:
        switches = dict(zip(here, pool.map(lambda name: Switch(nodes[name]), here)))
    results = [judge(manifests, switches, candidate['contested'], unseen) for candidate in candidates]
    right = next((i for i, result in enumerate(results) if result['wrong'] == 0), None)
    flows = sum(text.count(' actions=') for switch in switches.values() for text in switch.dumps.values())
    return {'right': right, 'flows': flows, 'candidates': results}


def judge(manifests, switches, contested, unseen):
    wrong, samples = 0, {}
    for node, switch in switches.items():
        plugged = {
            name: other.ports() for name, other in switches.items() if name == node or name not in unseen
        }
        site = Site(manifests, node, place_ports(manifests, plugged, contested), switch.ports())
        for bridge, expected in BRIDGES.items():
            found = compare(expected(site, switch.ofports[bridge]), parse_dump(switch.dumps[bridge]))
            wrong += sum(len(flows) for flows in found.values())
            samples[f'{node} {bridge}'] = {how: flows[:SHOWN] for how, flows in found.items() if flows}
    return {'wrong': wrong, 'flows': samples}


def attempt(question):
    """A switch that does not answer, or has not what every node has, is a result as well."""
    try:
        return look(**question)
    except (subprocess.SubprocessError, json.JSONDecodeError, KeyError, ValueError) as error:
        why = f"{type(error).__name__}: {error} {getattr(error, 'stderr', '') or ''}".strip()
        return {'right': None, 'failed': why}


for line in sys.stdin:
    print(json.dumps(attempt(json.loads(line))), flush=True)
