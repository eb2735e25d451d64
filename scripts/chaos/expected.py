"""What should be on the switch: manifests and ports go in, flows as ovs-ofctl prints them come out.

Written from docs/pipeline.md and not from the program: this is the second opinion that the chaos run judges it by.
A flow is (table, priority, match) -> (cookie, attributes, actions); a match is a frozenset of the words that ovs-ofctl
prints between commas. Only what the chaos runs use is known here; everything else is an error and not a guess.
"""
import hashlib
import ipaddress
import json
import pathlib

OWNER = 0xDF01
PIPELINE, MODEL, CONNECTION = 0, 1, 2
GROUP = 'dl_dst=01:00:00:00:00:00/01:00:00:00:00:00'


class Manifests:
    """Objects by kind and name. The files hold JSON documents with lines of --- between them."""

    def __init__(self, folder):
        self.objects = {kind: {} for kind in ('Network', 'Subnet', 'Router', 'Port', 'Node')}
        for path in sorted(pathlib.Path(folder).rglob('*.yaml')):
            for text in path.read_text().split('\n---\n'):
                if text.strip():
                    self.add(json.loads(text))

    def add(self, document):
        unknown = {'portSecurity', 'allowedAddressPairs', 'forwarding', 'routes'} & document['spec'].keys()
        if unknown:
            raise ValueError(f'no opinion of {unknown}')
        named = self.objects[document['kind']]
        name = document['metadata']['name']
        if name in named:
            raise ValueError(f"two objects are {document['kind']} {name}")
        named[name] = document['spec']

    def networks(self):
        return self.objects['Network']

    def segmentation_id(self, network):
        return self.objects['Network'][network]['segmentationId']

    def cidr(self, subnet):
        return ipaddress.ip_network(self.objects['Subnet'][subnet]['cidr'])

    def network_of(self, subnet):
        return self.objects['Subnet'][subnet]['network']

    def legs(self, router):
        """(subnet, address, MAC) of each interface."""
        for leg in self.objects['Router'][router]['interfaces']:
            address = leg.get('ipAddress') or self.objects['Subnet'][leg['subnet']].get('gatewayIp')
            yield leg['subnet'], address or str(next(self.cidr(leg['subnet']).hosts())), leg['macAddress']


def cookie(cookie_class, feature, kind=None, name=None):
    """docs/pipeline.md, "Cookies"."""
    digest = hashlib.sha256(f'{kind}/{name}'.encode()).hexdigest() if kind else ''
    return OWNER << 48 | cookie_class << 46 | feature << 40 | int(digest[:10] or '0', 16)


def router_bits(name):
    """docs/pipeline.md, "Registers": the router of a packet, above its network."""
    return f"{(cookie(MODEL, 0, 'Router', name) & 0xFFFFFFFFFF) << 24:#x}/0xffffffffff000000"


def link_local(mac):
    """RFC 4291, appendix A."""
    octets = bytes.fromhex(mac.replace(':', ''))
    identifier = bytes([octets[0] ^ 2]) + octets[1:3] + b'\xff\xfe' + octets[3:]
    return ipaddress.IPv6Address(b'\xfe\x80' + bytes(6) + identifier)


class Expected:
    """The flows of all classes but connections, and a judge of those."""

    def __init__(self, manifests, ofports):
        """ofports: OpenFlow port number of each interface that is plugged in."""
        self.manifests = manifests
        self.plugged = {
            name: (spec, ofports[spec['interface']])
            for name, spec in manifests.objects['Port'].items()
            if spec['interface'] in ofports
        }
        self.by_ofport = {ofport: (name, spec) for name, (spec, ofport) in self.plugged.items()}
        self.flows = {}
        # The last dump that was these flows, by its hash: the same lines again are right again.
        self.found_right = {}
        self._pipeline()
        self._ports(ofports)
        self._subnets_and_routers()

    def _add(self, table, priority, match, flow_cookie, actions, attributes=()):
        key = (table, priority, frozenset(match))
        if key in self.flows:
            raise ValueError(f'two flows are wanted at {key}')
        self.flows[key] = (flow_cookie, frozenset(attributes), tuple(actions))

    def _pipeline(self):
        self._add(0, 1, [], cookie(PIPELINE, 2), ['drop'])
        self._add(23, 0, [], cookie(PIPELINE, 1), ['drop'])
        classify = cookie(PIPELINE, 4)
        self._add(40, 1000, ['arp'], classify, ['goto_table:51'])
        self._add(40, 100, ['dl_dst=ff:ff:ff:ff:ff:ff'], classify, ['goto_table:55'])
        self._add(40, 10, [GROUP], classify, ['goto_table:55'])
        self._add(40, 10, ['ipv6'], classify, ['goto_table:55'])
        self._add(40, 1, [], classify, ['goto_table:52'])
        rules = cookie(PIPELINE, 16)
        for kind in (134, 136, 137):  # router and neighbour advertisements, redirects
            self._add(1, 200, ['icmp6', f'icmp_type={kind}'], rules, ['goto_table:2'])
        self._add(1, 1, [], rules, ['goto_table:2'])
        forget = 'write_metadata:0/0xffffffffff000000'
        self._add(51, 2, ['ip'], cookie(PIPELINE, 21), [forget, 'goto_table:52'])
        self._add(51, 1, [], cookie(PIPELINE, 5), ['goto_table:55'])
        self._add(52, 1, [], cookie(PIPELINE, 7), ['goto_table:53'])

    def _ports(self, ofports):
        members = {}
        for name, (spec, ofport) in self.plugged.items():
            segment = self.manifests.segmentation_id(spec['network'])
            members.setdefault(spec['network'], []).append(ofport)
            ingress = cookie(MODEL, 3, 'Port', name)
            self._add(0, 1001, [f'in_port={ofport}', 'vlan_tci=0x1000/0x1000'], ingress, ['drop'])
            write = f'write_metadata:{segment:#x}/0xffffff'
            self._add(0, 1000, [f'in_port={ofport}'], ingress, [write, 'goto_table:1'])
            self._port_security(name, spec, ofport)
            self._add(2, 100, [f'in_port={ofport}'], cookie(MODEL, 20, 'Port', name), ['drop'])
            self._add(56, 100, [f'in_port={ofport}'], cookie(MODEL, 14, 'Port', name), [f'meter:{ofport}', 'CONTROLLER:65535'])
            unicast = cookie(MODEL, 11, 'Port', name)
            match = [f'metadata={segment:#x}', f"dl_dst={spec['macAddress']}"]
            self._add(55, 100, match, unicast, [f'output:{ofport}'])
        for network, numbers in members.items():
            match = [f'metadata={self.manifests.segmentation_id(network):#x}', GROUP]
            outputs = [f'output:{number}' for number in sorted(numbers)]
            self._add(55, 10, match, cookie(MODEL, 12, 'Network', network), [*outputs, *self._elsewhere(network)])
        if 'patch-tun' in ofports:
            patch, tunnel = ofports['patch-tun'], cookie(PIPELINE, 13)
            mark = 'move:NXM_NX_PKT_MARK[]->OXM_OF_METADATA[0..31]'
            self._add(0, 1000, [f'in_port={patch}'], tunnel, [mark, 'goto_table:55'])
            self._add(60, 1, [], tunnel, ['move:NXM_NX_TUN_ID[0..31]->NXM_NX_PKT_MARK[]', f'output:{patch}'])

    def _hosts(self):
        """All that a router can reach: (port, what is done to a packet for it at last, its port number here)."""
        return [(spec, [f'output:{ofport}'], ofport) for spec, ofport in self.plugged.values()]

    def _elsewhere(self, network):
        """What is done to a broadcast after all ports of this switch have it."""
        return []

    def _enters(self, subnet):
        """May a packet from this subnet come to a router here?"""
        return True

    def _routers(self):
        return self.manifests.objects['Router']

    def tolerates(self, key, flow):
        """Is it right though nothing asks for it?"""
        return False

    def _port_security(self, name, spec, ofport):
        mac = spec['macAddress']
        own = link_local(mac)
        ports = ['tp_src=68', 'tp_dst=67']
        allowed = [
            (100, ['udp', 'nw_src=0.0.0.0', 'nw_dst=255.255.255.255', *ports]),
            (100, ['arp', 'arp_spa=0.0.0.0', 'arp_op=1', f'arp_sha={mac}']),
            (100, ['ipv6', f'ipv6_src={own}']),
            (100, ['icmp6', 'ipv6_src=::', 'icmp_type=135', f'nd_target={own}']),
            (210, ['icmp6', f'ipv6_src={own}', 'icmp_type=136', f'nd_target={own}']),
        ]
        for address in (ip['ipAddress'] for ip in spec.get('fixedIps', [])):
            allowed.append((100, ['ip', f'nw_src={address}']))
            allowed.append((100, ['arp', f'arp_spa={address}', f'arp_sha={mac}']))
        for priority, match in allowed:
            sender = [f'in_port={ofport}', f'dl_src={mac}']
            self._add(1, priority, [*sender, *match], cookie(MODEL, 15, 'Port', name), ['goto_table:40'])

    def _subnets_and_routers(self):
        manifests = self.manifests
        for subnet in filter(self._enters, manifests.objects['Subnet']):
            match = self._to(manifests.network_of(subnet), subnet)
            self._add(52, 30, match, cookie(MODEL, 8, 'Subnet', subnet), ['goto_table:55'])
        for router in self._routers():
            legs = list(manifests.legs(router))
            for subnet, address, mac in legs:
                self._echo(router, subnet, address, mac)
                self._neighbours(router, subnet, mac)
                if self._enters(subnet):
                    self._responder('Router', router, subnet, address, mac)
                    self._errors(router, subnet, address, mac)
            for source, _, mac in legs:
                for target, _, _ in legs:
                    if source != target and self._enters(source):
                        self._pair(router, source, target, mac)

    def _responder(self, kind, name, subnet, address, mac):
        segment = self.manifests.segmentation_id(self.manifests.network_of(subnet))
        actions = [
            'set_field:2->arp_op',
            'move:NXM_NX_ARP_SHA[]->NXM_NX_ARP_THA[]',
            'move:NXM_OF_ARP_SPA[]->NXM_OF_ARP_TPA[]',
            'move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[]',
            f'set_field:{mac}->eth_src',
            f'set_field:{mac}->arp_sha',
            f'set_field:{address}->arp_spa',
            'IN_PORT',
        ]
        match = ['arp', f'metadata={segment:#x}', f'arp_tpa={address}', 'arp_op=1']
        feature = {'Router': 6, 'Port': 26}[kind]
        self._add(51, 100, match, cookie(MODEL, feature, kind, name), actions, ['send_flow_rem'])

    def _to_leg(self, subnet, mac):
        segment = self.manifests.segmentation_id(self.manifests.network_of(subnet))
        return [f'metadata={segment:#x}', f'dl_dst={mac}']

    def _echo(self, router, subnet, address, mac):
        echo = cookie(MODEL, 19, 'Router', router)
        request = ['icmp', 'icmp_type=8', 'icmp_code=0']
        write = f'write_metadata:{router_bits(router)}'
        match = [*request, 'nw_frag=no', *self._to_leg(subnet, mac)]
        self._add(40, 200, match, echo, [write, 'goto_table:51'])
        actions = [
            'move:NXM_OF_ETH_DST[]->OXM_OF_PKT_REG0[0..47]',
            'move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[]',
            'move:OXM_OF_PKT_REG0[0..47]->NXM_OF_ETH_SRC[]',
            'move:NXM_OF_IP_SRC[]->NXM_OF_IP_DST[]',
            f'set_field:{address}->ip_src',
            'mod_nw_ttl:64',
            'set_field:0->icmp_type',
            'IN_PORT',
        ]
        match = [*request, f'metadata={router_bits(router)}', f'nw_dst={address}']
        self._add(51, 100, match, echo, actions)

    def _errors(self, router, subnet, address, mac):
        errors = cookie(MODEL, 23, 'Router', router)
        match = ['ip', *self._to_leg(subnet, mac)]
        self._add(52, 110, [*match, 'nw_ttl=1'], errors, ['goto_table:56'])
        self._add(52, 110, [*match, 'nw_ttl=0'], errors, ['drop'])
        self._add(52, 35, [*match, f'nw_dst={address}'], errors, ['goto_table:56'])
        self._add(53, 10, match, errors, ['goto_table:56'])

    def _neighbours(self, router, subnet, mac):
        known = cookie(MODEL, 24, 'Router', router)
        match = ['ip', f'metadata={router_bits(router)}']
        cidr = self.manifests.cidr(subnet)
        if cidr.prefixlen < 32:
            self._add(54, 100 + cidr.prefixlen, [*match, f'nw_dst={cidr}'], known, ['goto_table:56'])
        for spec, way_out, _ in self._hosts():
            change = ['dec_ttl', f'set_field:{mac}->eth_src', f"set_field:{spec['macAddress']}->eth_dst"]
            for ip in spec.get('fixedIps', []):
                if ip['subnet'] == subnet:
                    to_host = [*match, f"nw_dst={ip['ipAddress']}"]
                    self._add(54, 132, to_host, known, [*change, *way_out])

    def _pair(self, router, source, target, source_mac):
        network = self.manifests.network_of(source)
        match = self._to(network, target)
        pair = cookie(MODEL, 9, 'Router', router)
        if network == self.manifests.network_of(target):
            self._add(52, 40, [*match, f'dl_dst={source_mac}'], pair, ['goto_table:56'])
        else:
            self._add(52, 20, match, pair, ['goto_table:56'])

    def _to(self, network, subnet):
        cidr = self.manifests.cidr(subnet)
        prefix = f'{cidr.network_address}' if cidr.prefixlen == 32 else f'{cidr}'
        return ['ip', f'metadata={self.manifests.segmentation_id(network):#x}', f'nw_dst={prefix}']

    def connection(self, key):
        """What the connection flow at this key must be; None where the manifests allow none there."""
        table, priority, match = key
        fields = dict(word.split('=', 1) for word in match if '=' in word)
        wanted = {'metadata', 'in_port', 'dl_src', 'dl_dst', 'nw_src', 'nw_dst'}
        if (table, priority) != (52, 100) or set(fields) != wanted or 'ip' not in match:
            return None
        source, spec = self.by_ofport.get(int(fields['in_port']), (None, None))
        if source is None or self.manifests.segmentation_id(spec['network']) != int(fields['metadata'], 16):
            return None
        own = [ip['subnet'] for ip in spec.get('fixedIps', []) if ip['ipAddress'] == fields['nw_src']]
        if spec['macAddress'] != fields['dl_src'] or not own:
            return None
        for router in self._routers():
            legs = list(self.manifests.legs(router))
            for subnet, _, mac in legs:
                if mac == fields['dl_dst'] and self.manifests.network_of(subnet) == spec['network']:
                    return self._route(source, legs, subnet, fields['nw_dst'], int(fields['in_port']))
        return None

    def _route(self, source, legs, source_subnet, address, in_port):
        for subnet, leg_address, leg_mac in legs:
            if ipaddress.ip_address(address) not in self.manifests.cidr(subnet):
                continue
            if subnet == source_subnet or address == leg_address:
                return None
            for port, way_out, ofport in self._hosts():
                if {'subnet': subnet, 'ipAddress': address} in port.get('fixedIps', []):
                    out = ['IN_PORT'] if ofport == in_port else way_out
                    change = [f'set_field:{leg_mac}->eth_src', f"set_field:{port['macAddress']}->eth_dst"]
                    return cookie(CONNECTION, 10, 'Port', source), ('dec_ttl', *change, *out)
        return None
