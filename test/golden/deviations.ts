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
      'table=0,priority=1000,in_port=11,actions=write_metadata:0x1f42/0xffffff,goto_table:40',
      'table=0,priority=1000,in_port=12,actions=write_metadata:0x1f43/0xffffff,goto_table:40',
    ],
    reason: 'A segmentation id has 24 bits. With 16, networks 1 and 65537 would be one network.',
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
]
