// Where our flows for examples/two-networks differ from the post's listing (flows/post.flows), on purpose, and why. Every
// line of either listing is in the other one too, or stands here once.

export interface Deviation {
  /** Lines of the post that we do not have. */
  readonly post: readonly string[]
  /** Lines of ours that stand in their place, or are new. */
  readonly ours: readonly string[]
  readonly reason: string
}

export const DEVIATIONS: readonly Deviation[] = [
  {
    post: ['table=0,priority=0,actions=NORMAL', 'table=0,priority=1,actions=goto_table:40'],
    ours: ['table=0,priority=1,actions=drop'],
    reason:
      'A port that no manifest claims gets and sends nothing. In the post it reached the classifier without a network, ' +
      'and NORMAL would join it to every other port.',
  },
  {
    post: [
      'table=0,priority=1000,in_port=2,actions=NORMAL',
      'table=0,priority=1000,in_port=7,actions=NORMAL',
      'table=0,priority=1000,in_port=8,actions=NORMAL',
    ],
    ours: [],
    reason:
      'These are the taps of DHCP servers. A DHCP server is an ordinary Port in a manifest, with the flows that every ' +
      'port has; the example has none.',
  },
  {
    post: ['table=0,priority=1000,in_port=6,actions=NORMAL'],
    ours: ['table=0,priority=1000,in_port=6,actions=move:NXM_NX_PKT_MARK[]->OXM_OF_METADATA[0..31],goto_table:55'],
    reason:
      'What comes from the tunnel bridge goes to layer 2 of the network that its packet mark names. NORMAL found the ' +
      'network by the VLAN tags that the agent of the time set.',
  },
  {
    post: [],
    ours: [
      'table=0,priority=1001,in_port=11,vlan_tci=0x1000/0x1000,actions=drop',
      'table=0,priority=1001,in_port=12,vlan_tci=0x1000/0x1000,actions=drop',
    ],
    reason:
      'A guest has no business sending 802.1Q tags: it has one network, and a tag would hide the packet from the matches ' +
      'of the later tables.',
  },
  {
    post: [
      'table=0,priority=1000,in_port=11,actions=write_metadata:0x1f42/0xffff,goto_table:40',
      'table=0,priority=1000,in_port=12,actions=write_metadata:0x1f43/0xffff,goto_table:40',
    ],
    ours: [
      'table=0,priority=1000,in_port=11,actions=write_metadata:0x1f42/0xffffff,goto_table:1',
      'table=0,priority=1000,in_port=12,actions=write_metadata:0x1f43/0xffffff,goto_table:1',
    ],
    reason:
      'A segmentation id has 24 bits. With 16, networks 1 and 65537 would be one network. And before a packet is sorted, its ' +
      'sender is checked, in table 1.',
  },
  {
    post: [
      'table=40,priority=100,dl_dst=ff:ff:ff:ff:ff:ff,actions=NORMAL',
      'table=40,priority=10,dl_dst=01:00:00:00:00:00/01:00:00:00:00:00,actions=NORMAL',
      'table=51,priority=1,actions=NORMAL',
      'table=52,priority=30,ip,metadata=0x1f42,nw_dst=10.1.0.0/24,actions=NORMAL',
      'table=52,priority=30,ip,metadata=0x1f43,nw_dst=10.2.0.0/24,actions=NORMAL',
    ],
    ours: [
      'table=40,priority=100,dl_dst=ff:ff:ff:ff:ff:ff,actions=goto_table:55',
      'table=40,priority=10,dl_dst=01:00:00:00:00:00/01:00:00:00:00:00,actions=goto_table:55',
      'table=51,priority=1,actions=goto_table:55',
      'table=52,priority=30,ip,metadata=0x1f42,nw_dst=10.1.0.0/24,actions=goto_table:55',
      'table=52,priority=30,ip,metadata=0x1f43,nw_dst=10.2.0.0/24,actions=goto_table:55',
    ],
    reason:
      'Where the post says NORMAL we go to table 55. NORMAL knows networks by VLAN tags alone; without them it joins all ' +
      'networks, and even with them it floods into ports not tagged yet.',
  },
  {
    post: [],
    ours: [
      'table=55,priority=100,metadata=0x1f42,dl_dst=fa:16:3e:00:17:e6,actions=output:11',
      'table=55,priority=100,metadata=0x1f43,dl_dst=fa:16:3e:cf:4b:ed,actions=output:12',
      'table=55,priority=10,metadata=0x1f42,dl_dst=01:00:00:00:00:00/01:00:00:00:00:00,actions=output:11',
      'table=55,priority=10,metadata=0x1f43,dl_dst=01:00:00:00:00:00/01:00:00:00:00:00,actions=output:12',
    ],
    reason:
      'Layer 2 in flows: (network, MAC) to that port, (network, group address) to every port of the network, anything else ' +
      'is dropped. Nothing is learned, so isolation can be read off the flows.',
  },
  {
    post: [],
    ours: ['table=40,priority=10,ipv6,actions=goto_table:55'],
    reason:
      'IPv6 is switched inside its network. In the listing it falls through to table 53 and is dropped; the authors added ' +
      'this flow days after the post.',
  },
  {
    post: [
      'table=51,priority=100,send_flow_rem,arp,metadata=0x1f42,arp_tpa=10.1.0.1,arp_op=1,actions=set_field:2->arp_op,move:NXM_NX_ARP_SHA[]->NXM_NX_ARP_THA[],move:NXM_OF_ARP_SPA[]->NXM_OF_ARP_TPA[],set_field:fa:16:3e:c0:8d:8b->eth_src,set_field:fa:16:3e:c0:8d:8b->arp_sha,set_field:10.1.0.1->arp_spa,IN_PORT',
      'table=51,priority=100,send_flow_rem,arp,metadata=0x1f43,arp_tpa=10.2.0.1,arp_op=1,actions=set_field:2->arp_op,move:NXM_NX_ARP_SHA[]->NXM_NX_ARP_THA[],move:NXM_OF_ARP_SPA[]->NXM_OF_ARP_TPA[],set_field:fa:16:3e:c5:02:4d->eth_src,set_field:fa:16:3e:c5:02:4d->arp_sha,set_field:10.2.0.1->arp_spa,IN_PORT',
    ],
    ours: [
      'table=51,priority=100,send_flow_rem,arp,metadata=0x1f42,arp_tpa=10.1.0.1,arp_op=1,actions=set_field:2->arp_op,move:NXM_NX_ARP_SHA[]->NXM_NX_ARP_THA[],move:NXM_OF_ARP_SPA[]->NXM_OF_ARP_TPA[],move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],set_field:fa:16:3e:c0:8d:8b->eth_src,set_field:fa:16:3e:c0:8d:8b->arp_sha,set_field:10.1.0.1->arp_spa,IN_PORT',
      'table=51,priority=100,send_flow_rem,arp,metadata=0x1f43,arp_tpa=10.2.0.1,arp_op=1,actions=set_field:2->arp_op,move:NXM_NX_ARP_SHA[]->NXM_NX_ARP_THA[],move:NXM_OF_ARP_SPA[]->NXM_OF_ARP_TPA[],move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],set_field:fa:16:3e:c5:02:4d->eth_src,set_field:fa:16:3e:c5:02:4d->arp_sha,set_field:10.2.0.1->arp_spa,IN_PORT',
    ],
    reason:
      'The responder addresses the asker. Without it the answer to a unicast probe goes back under the MAC of the router ' +
      'itself, and the guest drops it.',
  },
  {
    post: [
      'table=52,idle_timeout=300,priority=100,ip,metadata=0x1f43,in_port=12,dl_src=fa:16:3e:cf:4b:ed,dl_dst=fa:16:3e:c5:02:4d,nw_src=10.2.0.3,nw_dst=10.1.0.3,actions=dec_ttl,set_field:fa:16:3e:c5:02:4d->eth_src,set_field:fa:16:3e:00:17:e6->eth_dst,output:11',
      'table=52,idle_timeout=300,priority=100,ip,metadata=0x1f42,in_port=11,dl_src=fa:16:3e:00:17:e6,dl_dst=fa:16:3e:c0:8d:8b,nw_src=10.1.0.3,nw_dst=10.2.0.3,actions=dec_ttl,set_field:fa:16:3e:c0:8d:8b->eth_src,set_field:fa:16:3e:cf:4b:ed->eth_dst,output:12',
    ],
    ours: [
      'table=52,idle_timeout=300,send_flow_rem,priority=100,ip,metadata=0x1f43,in_port=12,dl_src=fa:16:3e:cf:4b:ed,dl_dst=fa:16:3e:c5:02:4d,nw_src=10.2.0.3,nw_dst=10.1.0.3,actions=dec_ttl,set_field:fa:16:3e:c0:8d:8b->eth_src,set_field:fa:16:3e:00:17:e6->eth_dst,output:11',
      'table=52,idle_timeout=300,send_flow_rem,priority=100,ip,metadata=0x1f42,in_port=11,dl_src=fa:16:3e:00:17:e6,dl_dst=fa:16:3e:c0:8d:8b,nw_src=10.1.0.3,nw_dst=10.2.0.3,actions=dec_ttl,set_field:fa:16:3e:c5:02:4d->eth_src,set_field:fa:16:3e:cf:4b:ed->eth_dst,output:12',
    ],
    reason:
      'A routed packet leaves with the MAC of the interface it leaves by, as from any router; the post kept the one it came ' +
      'to. The switch tells when a connection has ended (send_flow_rem). Both flows come of one packet-in, the post needed two.',
  },
  {
    post: [],
    ours: [
      'table=1,priority=100,ip,in_port=11,dl_src=fa:16:3e:00:17:e6,nw_src=10.1.0.3,actions=goto_table:40',
      'table=1,priority=100,ip,in_port=12,dl_src=fa:16:3e:cf:4b:ed,nw_src=10.2.0.3,actions=goto_table:40',
      'table=1,priority=100,arp,in_port=11,dl_src=fa:16:3e:00:17:e6,arp_spa=10.1.0.3,arp_sha=fa:16:3e:00:17:e6,actions=goto_table:40',
      'table=1,priority=100,arp,in_port=12,dl_src=fa:16:3e:cf:4b:ed,arp_spa=10.2.0.3,arp_sha=fa:16:3e:cf:4b:ed,actions=goto_table:40',
    ],
    reason:
      'A guest sends IPv4 and ARP from its own MAC and IP addresses alone. In the post it could take the addresses of any ' +
      'neighbour, or of the gateway.',
  },
  {
    post: [],
    ours: [
      'table=1,priority=100,udp,in_port=11,dl_src=fa:16:3e:00:17:e6,nw_src=0.0.0.0,nw_dst=255.255.255.255,tp_src=68,tp_dst=67,actions=goto_table:40',
      'table=1,priority=100,udp,in_port=12,dl_src=fa:16:3e:cf:4b:ed,nw_src=0.0.0.0,nw_dst=255.255.255.255,tp_src=68,tp_dst=67,actions=goto_table:40',
      'table=1,priority=100,arp,in_port=11,dl_src=fa:16:3e:00:17:e6,arp_spa=0.0.0.0,arp_op=1,arp_sha=fa:16:3e:00:17:e6,actions=goto_table:40',
      'table=1,priority=100,arp,in_port=12,dl_src=fa:16:3e:cf:4b:ed,arp_spa=0.0.0.0,arp_op=1,arp_sha=fa:16:3e:cf:4b:ed,actions=goto_table:40',
    ],
    reason:
      'What a guest has to send before it has an address: it asks for one by DHCP (RFC 2131), and by ARP whether anybody ' +
      'else has it (RFC 5227).',
  },
  {
    post: [],
    ours: [
      'table=1,priority=100,ipv6,in_port=11,dl_src=fa:16:3e:00:17:e6,ipv6_src=fe80::f816:3eff:fe00:17e6,actions=goto_table:40',
      'table=1,priority=100,ipv6,in_port=12,dl_src=fa:16:3e:cf:4b:ed,ipv6_src=fe80::f816:3eff:fecf:4bed,actions=goto_table:40',
      'table=1,priority=100,icmp6,in_port=11,dl_src=fa:16:3e:00:17:e6,ipv6_src=::,icmp_type=135,nd_target=fe80::f816:3eff:fe00:17e6,actions=goto_table:40',
      'table=1,priority=100,icmp6,in_port=12,dl_src=fa:16:3e:cf:4b:ed,ipv6_src=::,icmp_type=135,nd_target=fe80::f816:3eff:fecf:4bed,actions=goto_table:40',
      'table=1,priority=210,icmp6,in_port=11,dl_src=fa:16:3e:00:17:e6,ipv6_src=fe80::f816:3eff:fe00:17e6,icmp_type=136,nd_target=fe80::f816:3eff:fe00:17e6,actions=goto_table:40',
      'table=1,priority=210,icmp6,in_port=12,dl_src=fa:16:3e:cf:4b:ed,ipv6_src=fe80::f816:3eff:fecf:4bed,icmp_type=136,nd_target=fe80::f816:3eff:fecf:4bed,actions=goto_table:40',
    ],
    reason:
      'Of IPv6 a guest has the link-local address that its MAC address gives it (RFC 4291), may ask whether anybody else has ' +
      'it (RFC 4862), and may advertise it and no other.',
  },
  {
    post: [],
    ours: [
      'table=1,priority=200,icmp6,icmp_type=134,actions=goto_table:2',
      'table=1,priority=200,icmp6,icmp_type=136,actions=goto_table:2',
      'table=1,priority=200,icmp6,icmp_type=137,actions=goto_table:2',
      'table=1,priority=1,actions=goto_table:2',
    ],
    reason:
      'Everything else that a guest sends is spoofed, and so are router advertisements, redirects and advertisements of ' +
      'other neighbours, from whatever address.',
  },
  {
    post: [],
    ours: [
      'table=2,priority=100,in_port=11,actions=drop',
      'table=2,priority=100,in_port=12,actions=drop',
    ],
    reason:
      'Spoofed packets end in a table of their own, where the counter of one flow is that of one port.',
  },
  {
    post: [],
    ours: [
      'table=40,priority=200,icmp,metadata=0x1f42,dl_dst=fa:16:3e:c0:8d:8b,nw_frag=no,icmp_type=8,icmp_code=0,actions=write_metadata:0x3e567e8acb000000/0xffffffffff000000,goto_table:51',
      'table=40,priority=200,icmp,metadata=0x1f43,dl_dst=fa:16:3e:c5:02:4d,nw_frag=no,icmp_type=8,icmp_code=0,actions=write_metadata:0x3e567e8acb000000/0xffffffffff000000,goto_table:51',
      'table=51,priority=100,icmp,metadata=0x3e567e8acb000000/0xffffffffff000000,nw_dst=10.1.0.1,icmp_type=8,icmp_code=0,actions=move:NXM_OF_ETH_DST[]->OXM_OF_PKT_REG0[0..47],move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],move:OXM_OF_PKT_REG0[0..47]->NXM_OF_ETH_SRC[],move:NXM_OF_IP_SRC[]->NXM_OF_IP_DST[],set_field:10.1.0.1->ip_src,mod_nw_ttl:64,set_field:0->icmp_type,IN_PORT',
      'table=51,priority=100,icmp,metadata=0x3e567e8acb000000/0xffffffffff000000,nw_dst=10.2.0.1,icmp_type=8,icmp_code=0,actions=move:NXM_OF_ETH_DST[]->OXM_OF_PKT_REG0[0..47],move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],move:OXM_OF_PKT_REG0[0..47]->NXM_OF_ETH_SRC[],move:NXM_OF_IP_SRC[]->NXM_OF_IP_DST[],set_field:10.2.0.1->ip_src,mod_nw_ttl:64,set_field:0->icmp_type,IN_PORT',
      'table=51,priority=2,ip,actions=write_metadata:0/0xffffffffff000000,goto_table:52',
    ],
    reason:
      'A gateway answers a ping (RFC 1812, section 4.3.3.6); in the post it was silent. The switch answers by itself, for any ' +
      'address of the router that the guest is at; other echo requests go on to routing.',
  },
  {
    post: [],
    ours: [
      'table=52,priority=110,ip,metadata=0x1f42,dl_dst=fa:16:3e:c0:8d:8b,nw_ttl=1,actions=goto_table:56',
      'table=52,priority=110,ip,metadata=0x1f43,dl_dst=fa:16:3e:c5:02:4d,nw_ttl=1,actions=goto_table:56',
      'table=52,priority=110,ip,metadata=0x1f42,dl_dst=fa:16:3e:c0:8d:8b,nw_ttl=0,actions=drop',
      'table=52,priority=110,ip,metadata=0x1f43,dl_dst=fa:16:3e:c5:02:4d,nw_ttl=0,actions=drop',
      'table=52,priority=35,ip,metadata=0x1f42,dl_dst=fa:16:3e:c0:8d:8b,nw_dst=10.1.0.1,actions=goto_table:56',
      'table=52,priority=35,ip,metadata=0x1f43,dl_dst=fa:16:3e:c5:02:4d,nw_dst=10.2.0.1,actions=goto_table:56',
      'table=53,priority=10,ip,metadata=0x1f42,dl_dst=fa:16:3e:c0:8d:8b,actions=goto_table:56',
      'table=53,priority=10,ip,metadata=0x1f43,dl_dst=fa:16:3e:c5:02:4d,actions=goto_table:56',
    ],
    reason:
      'What a router has to answer with an ICMP error (RFC 1812, section 5.2.7) comes to the controller: the last hop, its own ' +
      'address, a destination that no route leads to. In the post all of it was dropped unsaid.',
  },
  {
    post: [],
    ours: [
      'table=54,priority=132,ip,metadata=0x3e567e8acb000000/0xffffffffff000000,nw_dst=10.1.0.3,actions=dec_ttl,set_field:fa:16:3e:c0:8d:8b->eth_src,set_field:fa:16:3e:00:17:e6->eth_dst,output:11',
      'table=54,priority=132,ip,metadata=0x3e567e8acb000000/0xffffffffff000000,nw_dst=10.2.0.3,actions=dec_ttl,set_field:fa:16:3e:c5:02:4d->eth_src,set_field:fa:16:3e:cf:4b:ed->eth_dst,output:12',
      'table=54,priority=124,ip,metadata=0x3e567e8acb000000/0xffffffffff000000,nw_dst=10.1.0.0/24,actions=goto_table:56',
      'table=54,priority=124,ip,metadata=0x3e567e8acb000000/0xffffffffff000000,nw_dst=10.2.0.0/24,actions=goto_table:56',
    ],
    reason:
      'The hosts that a router knows, in one flow each, whatever the source: for proactive routers, and for guests that have ' +
      'opened too many connections. The post had flows for pairs of hosts alone.',
  },
  {
    post: [
      'table=52,priority=20,ip,metadata=0x1f42,nw_dst=10.2.0.0/24,actions=CONTROLLER:65535',
      'table=52,priority=20,ip,metadata=0x1f43,nw_dst=10.1.0.0/24,actions=CONTROLLER:65535',
    ],
    ours: [
      'table=52,priority=20,ip,metadata=0x1f42,nw_dst=10.2.0.0/24,actions=goto_table:56',
      'table=52,priority=20,ip,metadata=0x1f43,nw_dst=10.1.0.0/24,actions=goto_table:56',
      'table=56,priority=100,in_port=11,actions=meter:11,CONTROLLER:65535',
      'table=56,priority=100,in_port=12,actions=meter:12,CONTROLLER:65535',
    ],
    reason:
      'All that goes to the controller goes through one table, where a packet passes a meter of its port: no guest can take ' +
      'the controller away from the others.',
  },
]
