"""The reactive path as an os-ken application, for comparison: two flows with an idle timeout and the packet, an answer.

HOSTS hosts a side, numbered as in hosts.ts.  Run by osken-manager.
"""
import os

from os_ken.base.app_manager import OSKenApp
from os_ken.controller.handler import MAIN_DISPATCHER, set_ev_cls
from os_ken.controller.ofp_event import EventOFPPacketIn
from os_ken.lib.packet.ethernet import ethernet
from os_ken.lib.packet.ipv4 import ipv4
from os_ken.lib.packet.packet import Packet
from os_ken.ofproto import ofproto_v1_3

COUNT = int(os.environ["HOSTS"])
SIDES = (("10.1", 0x1F42, "fa:16:3e:ff:ff:01"), ("10.2", 0x1F43, "fa:16:3e:ff:ff:02"))
ROUTING, IDLE_S, PRIORITY = 52, 300, 100


def make_hosts():
    for side, (prefix, metadata, gateway) in enumerate(SIDES):
        for i in range(COUNT):
            ip = f"{prefix}.{(i + 2) >> 8}.{(i + 2) & 255}"
            mac = "fa:16:" + ":".join(f"{int(octet):02x}" for octet in ip.split("."))
            yield ip, (11 + side * COUNT + i, metadata, mac, gateway)


class Reactive(OSKenApp):
    OFP_VERSIONS = [ofproto_v1_3.OFP_VERSION]
    hosts = dict(make_hosts())

    @set_ev_cls(EventOFPPacketIn, MAIN_DISPATCHER)
    def packet_in(self, event):
        message = event.msg
        switch, parser = message.datapath, message.datapath.ofproto_parser
        packet = Packet(message.data)
        eth, ip = packet.get_protocol(ethernet), packet.get_protocol(ipv4)
        if eth is None or ip is None or ip.src not in self.hosts or ip.dst not in self.hosts:
            return
        there = self.add_flow(switch, ip.src, ip.dst)
        self.add_flow(switch, ip.dst, ip.src)
        switch.send_msg(parser.OFPPacketOut(
            datapath=switch, buffer_id=message.buffer_id, in_port=self.hosts[ip.src][0], data=message.data, actions=there))

    def add_flow(self, switch, source, target):
        ofproto, parser = switch.ofproto, switch.ofproto_parser
        in_port, metadata, mac, gateway = self.hosts[source]
        out_port, _, target_mac, target_gateway = self.hosts[target]
        match = parser.OFPMatch(in_port=in_port, metadata=metadata, eth_type=0x0800, eth_src=mac, eth_dst=gateway,
                                ipv4_src=source, ipv4_dst=target)
        actions = [parser.OFPActionDecNwTtl(), parser.OFPActionSetField(eth_src=target_gateway),
                   parser.OFPActionSetField(eth_dst=target_mac), parser.OFPActionOutput(out_port)]
        apply = parser.OFPInstructionActions(ofproto.OFPIT_APPLY_ACTIONS, actions)
        switch.send_msg(parser.OFPFlowMod(datapath=switch, table_id=ROUTING, idle_timeout=IDLE_S, priority=PRIORITY,
                                          match=match, instructions=[apply]))
        return actions
