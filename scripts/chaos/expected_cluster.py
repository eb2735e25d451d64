"""What should be on both bridges of one node among several, as expected.py has it for a switch that is alone: manifests,
and where the ports are as this node may know it, go in.

Written from docs/pipeline.md and docs/cluster.md: a node has what its own ports can reach. A packet can come to a router only
from a network that has a port here; it can leave into all networks of that router.
"""
import re

from expected import CONNECTION, GROUP, MODEL, PIPELINE, Expected, cookie

REFUSED, FALLBACK, MUTED = 17, 18, 25


def place_ports(manifests, plugged, contested):
    """The node of each port that is anywhere. plugged: by node, by name of the port its number on br-int; contested: who
    has a port that is plugged in at several nodes."""
    places = {}
    for name, spec in manifests.objects['Port'].items():
        nodes = [node for node, ofports in plugged.items() if name in ofports]
        if 'host' in spec:
            places[name] = spec['host']
        elif contested.get(name) in nodes:
            places[name] = contested[name]
        elif len(nodes) == 1:
            places[name] = nodes[0]
        elif nodes:
            raise ValueError(f'nobody says which of {nodes} has {name}')
    return places


class Site:
    """The node's view: what is here, and what it has to know of elsewhere."""

    def __init__(self, manifests, node, places, ofports):
        """ofports: those of the node's own br-int, by name of the port."""
        specs = manifests.objects['Port']
        self.manifests = manifests
        self.node = node
        self.here = {name: ofports[name] for name, at in places.items() if at == node and name in ofports}
        self.entered = {specs[name]['network'] for name in self.here}
        self.routers = [
            router
            for router in manifests.objects['Router']
            if any(network in self.entered for network in self.networks_of(router))
        ]
        behind = {network for router in self.routers for network in self.networks_of(router)}
        reached = self.entered | behind
        self.elsewhere = {
            name: at for name, at in sorted(places.items()) if at != node and specs[name]['network'] in reached
        }

    def networks_of(self, router):
        return [self.manifests.network_of(subnet) for subnet, _, _ in self.manifests.legs(router)]

    def spec(self, port):
        return self.manifests.objects['Port'][port]

    def segment(self, port):
        return self.manifests.segmentation_id(self.spec(port)['network'])

    def address(self, node):
        return self.manifests.objects['Node'][node]['tunnelIp']


class IntegrationExpected(Expected):
    """Br-int."""

    def __init__(self, site, ofports):
        """ofports: OpenFlow port number of each interface of br-int."""
        self.site = site
        self.manifests = site.manifests
        self.plugged = {name: (site.spec(name), ofport) for name, ofport in site.here.items()}
        self.by_ofport = {ofport: (name, spec) for name, (spec, ofport) in self.plugged.items()}
        self.flows = {}
        self._pipeline()
        self._ports(ofports)
        self._subnets_and_routers()
        self._remote_ports()

    def _enters(self, subnet):
        return self.manifests.network_of(subnet) in self.site.entered

    def _routers(self):
        return self.site.routers

    def _away(self, port):
        return [f'set_field:{self.site.segment(port):#x}->tun_id', 'goto_table:60']

    def _hosts(self):
        return super()._hosts() + [(self.site.spec(port), self._away(port), None) for port in self.site.elsewhere]

    def _elsewhere(self, network):
        ports = [port for port in self.site.elsewhere if self.site.spec(port)['network'] == network]
        return self._away(ports[0]) if ports else []

    def _remote_ports(self):
        for port in self.site.elsewhere:
            spec = self.site.spec(port)
            if spec['network'] not in self.site.entered:
                continue
            match = [f'metadata={self.site.segment(port):#x}', f"dl_dst={spec['macAddress']}"]
            self._add(55, 100, match, cookie(MODEL, 11, 'Port', port), self._away(port))
            for ip in spec.get('fixedIps', []):
                self._responder('Port', port, ip['subnet'], ip['ipAddress'], spec['macAddress'])

    def tolerates(self, key, flow):
        """What packets have asked for: a refusal of what is still refused; a port that is not heard, and its way out."""
        (table, priority, match), (flow_cookie, _, actions) = key, flow
        fields = dict(word.split('=', 1) for word in match if '=' in word)
        port, _ = self.by_ofport.get(int(fields.get('in_port', '0')), (None, None))
        feature = flow_cookie >> 40 & 63
        if port is None or flow_cookie != cookie(CONNECTION, feature, 'Port', port):
            return False
        if feature == REFUSED:
            return (table, priority, actions) == (52, 95, ('drop',)) and not self.connection((52, 100, match))
        if feature == MUTED:
            return (table, priority, actions, set(fields)) == (56, 200, ('drop',), {'in_port'})
        return feature == FALLBACK and (table, priority, actions[-1]) == (52, 90, 'goto_table:54')


class TunnelExpected:
    """Br-tun; docs/pipeline.md, "The tunnel bridge"."""

    def __init__(self, site, ofports):
        """ofports: OpenFlow port number of each interface of br-tun."""
        self.site = site
        self.patch, self.tun = ofports['patch-int'], ofports['tun']
        self.flows = {}
        self._ingress()
        self._arrivals()
        self._departures()

    def connection(self, key):
        return None

    def tolerates(self, key, flow):
        return False

    def _add(self, table, priority, match, flow_cookie, *actions):
        key = (table, priority, frozenset(match))
        if key in self.flows:
            raise ValueError(f'two flows are wanted at {key}')
        self.flows[key] = (flow_cookie, frozenset(), actions)

    def _peers(self):
        """The first port by name of each node that has one which is needed here."""
        first = {}
        for port, node in self.site.elsewhere.items():
            first.setdefault(node, port)
        return first

    def _ingress(self):
        ends = cookie(PIPELINE, 32)
        self._add(0, 1000, [f'in_port={self.patch}'], ends, 'goto_table:20')
        self._add(0, 900, [f'in_port={self.tun}'], ends, 'drop')
        self._add(0, 1, [], ends, 'drop')
        for node, port in self._peers().items():
            match = [f'in_port={self.tun}', f'tun_src={self.site.address(node)}']
            self._add(0, 1000, match, cookie(MODEL, 33, 'Port', port), 'goto_table:4')

    def _arrivals(self):
        site = self.site
        self._add(4, 1, [], cookie(PIPELINE, 34), 'drop')
        self._add(10, 1, [], cookie(PIPELINE, 36), 'drop')
        if not site.elsewhere:
            return
        for network in site.entered:
            tunnel = f'tun_id={site.manifests.segmentation_id(network):#x}'
            self._add(4, 100, [tunnel], cookie(MODEL, 35, 'Network', network), 'goto_table:10')
        for port, node in site.elsewhere.items():
            spec = site.spec(port)
            if spec['network'] in site.entered:
                sender = [f'tun_src={site.address(node)}', f"dl_src={spec['macAddress']}"]
                self._sender(spec['network'], sender, cookie(MODEL, 37, 'Port', port))
        for router in site.routers:
            for subnet, _, mac in site.manifests.legs(router):
                network = site.manifests.network_of(subnet)
                if network in site.entered:
                    self._sender(network, [f'dl_src={mac}'], cookie(MODEL, 38, 'Router', router))

    def _sender(self, network, match, flow_cookie):
        segment = f'{self.site.manifests.segmentation_id(network):#x}'
        deliver = [f'set_field:{segment}->pkt_mark', f'output:{self.patch}']
        self._add(10, 100, [f'tun_id={segment}', *match], flow_cookie, *deliver)

    def _departures(self):
        site = self.site
        enter = ['move:NXM_NX_PKT_MARK[]->NXM_NX_TUN_ID[0..31]', 'set_field:0->pkt_mark']
        self._add(20, 1, [], cookie(PIPELINE, 39), 'drop')
        groups = {}
        for port, node in site.elsewhere.items():
            match = [f'pkt_mark={site.segment(port):#x}', f"dl_dst={site.spec(port)['macAddress']}"]
            self._add(20, 100, match, cookie(MODEL, 40, 'Port', port), *enter, *self._to(site.address(node)))
            groups.setdefault(site.spec(port)['network'], set()).add(site.address(node))
        for network in site.entered & groups.keys():
            copies = [action for address in sorted(groups[network], key=octets) for action in self._to(address)]
            match = [f'pkt_mark={site.manifests.segmentation_id(network):#x}', GROUP]
            self._add(20, 10, match, cookie(MODEL, 41, 'Network', network), *enter, *copies)

    def _to(self, address):
        return [f'set_field:{address}->tun_dst', f'output:{self.tun}']


def octets(address):
    return [int(octet) for octet in re.split(r'\.', address)]
