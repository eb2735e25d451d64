// What a guest may send, port by port.
import { describe, expect, test } from '@jest/globals'
import { portSecurity, portSecurityRules, spoofed } from '../../../src/features/port-security/index.js'
import { ingress } from '../../../src/features/ingress/index.js'
import {
  flowsOfFeature,
  manifestsOf,
  network,
  plugged,
  port,
  type PortOptions,
  router,
  subnet,
  topologyOf,
} from '../../support/networks.js'

/** One port of net1 on port number 11, with the address 10.1.0.3. */
function withPort(spec: PortOptions) {
  return topologyOf(
    manifestsOf(
      network('net1', 8002),
      subnet('net1-v4', 'net1', '10.1.0.0/24'),
      router('r1', { 'net1-v4': ['fa:16:3e:c0:8d:8b', '10.1.0.254'] }),
      port('vm1', 'net1', {
        ...{ macAddress: 'fa:16:3e:00:17:e6', ips: { 'net1-v4': '10.1.0.3' }, interface: 'tap-vm1' },
        ...spec,
      }),
    ),
    plugged('tap-vm1', 11),
  )
}

const FROM_GUEST = 'in_port=11,dl_src=fa:16:3e:00:17:e6'
const LINK_LOCAL = 'fe80::f816:3eff:fe00:17e6'

describe('a guest may send', () => {
  test('IPv4 and ARP from its address, DHCP and ARP probes from none, and IPv6 from its link-local address', () => {
    expect([...flowsOfFeature(portSecurity, withPort({}))].sort()).toEqual(
      [
        `table=1, priority=100,ip,${FROM_GUEST},nw_src=10.1.0.3 actions=goto_table:40`,
        `table=1, priority=100,arp,${FROM_GUEST},arp_spa=10.1.0.3,arp_sha=fa:16:3e:00:17:e6 actions=goto_table:40`,
        `table=1, priority=100,arp,${FROM_GUEST},arp_spa=0.0.0.0,arp_op=1,arp_sha=fa:16:3e:00:17:e6 actions=goto_table:40`,
        `table=1, priority=100,udp,${FROM_GUEST},nw_src=0.0.0.0,nw_dst=255.255.255.255,tp_src=68,tp_dst=67 actions=goto_table:40`,
        `table=1, priority=100,ipv6,${FROM_GUEST},ipv6_src=${LINK_LOCAL} actions=goto_table:40`,
        `table=1, priority=100,icmp6,${FROM_GUEST},ipv6_src=::,icmp_type=135,nd_target=${LINK_LOCAL} actions=goto_table:40`,
        `table=1, priority=210,icmp6,${FROM_GUEST},ipv6_src=${LINK_LOCAL},icmp_type=136,nd_target=${LINK_LOCAL} actions=goto_table:40`,
      ].sort(),
    )
  })

  test('also from its allowed pairs, each with its MAC, and from no gateway in them', () => {
    const pairs = [{ ipAddress: '10.1.0.9', macAddress: '00:00:5e:00:01:0a' }, { ipAddress: '10.1.0.128/25' }]
    const flows = flowsOfFeature(portSecurity, withPort({ allowedAddressPairs: pairs }))
    for (const line of [
      'table=1, priority=100,ip,in_port=11,dl_src=00:00:5e:00:01:0a,nw_src=10.1.0.9 actions=goto_table:40',
      'table=1, priority=100,arp,in_port=11,dl_src=00:00:5e:00:01:0a,arp_spa=10.1.0.9,arp_sha=00:00:5e:00:01:0a actions=goto_table:40',
      `table=1, priority=100,ip,${FROM_GUEST},nw_src=10.1.0.128/25 actions=goto_table:40`,
      'table=1, priority=200,ip,in_port=11,nw_src=10.1.0.254 actions=goto_table:2',
      'table=1, priority=200,arp,in_port=11,arp_spa=10.1.0.254 actions=goto_table:2',
    ])
      expect(flows).toContain(line)
    expect(flows).toHaveLength(7 + 4 + 2)
  })

  test('not from what any interface of its routers has, in other subnets either', () => {
    const topology = topologyOf(
      manifestsOf(
        ...[network('net1', 1), network('net2', 2)],
        ...[subnet('net1-v4', 'net1', '10.1.0.0/24'), subnet('net2-v4', 'net2', '10.2.0.0/24')],
        router('r1', { 'net1-v4': '02:00:00:00:00:01', 'net2-v4': '02:00:00:00:00:02' }),
        port('vm1', 'net1', { interface: 'tap-vm1', allowedAddressPairs: [{ ipAddress: '10.0.0.0/8' }] }),
      ),
      plugged('tap-vm1', 11),
    )
    const denied = flowsOfFeature(portSecurity, topology).filter((line) => line.includes('priority=200,ip'))
    expect(denied).toEqual([
      'table=1, priority=200,ip,in_port=11,nw_src=10.1.0.1 actions=goto_table:2',
      'table=1, priority=200,ip,in_port=11,nw_src=10.2.0.1 actions=goto_table:2',
    ])
  })

  test('a pair that says again what the port has adds nothing', () => {
    const pairs = [{ ipAddress: '10.1.0.3' }]
    expect(flowsOfFeature(portSecurity, withPort({ allowedAddressPairs: pairs }))).toEqual(
      flowsOfFeature(portSecurity, withPort({})),
    )
  })

  test('anything, where its port says so; then nothing is counted', () => {
    const topology = withPort({ portSecurity: false })
    expect(flowsOfFeature(portSecurity, topology)).toEqual([
      'table=1, priority=300,in_port=11 actions=goto_table:40',
    ])
    expect(flowsOfFeature(spoofed, topology)).toEqual([])
  })

  test('no IPv4 at all without an address', () => {
    const flows = flowsOfFeature(portSecurity, withPort({ ips: {} }))
    expect(flows.filter((line) => /priority=100,(ip|arp),/.test(line))).toEqual([
      `table=1, priority=100,arp,${FROM_GUEST},arp_spa=0.0.0.0,arp_op=1,arp_sha=fa:16:3e:00:17:e6 actions=goto_table:40`,
    ])
  })
})

test('what no port allows is dropped and counted for its port, and what only routers send on any port', () => {
  const topology = withPort({})
  expect(flowsOfFeature(ingress, topology)).toContain(
    'priority=1000,in_port=11 actions=write_metadata:0x1f42/0xffffff,goto_table:1',
  )
  expect(flowsOfFeature(portSecurityRules, topology)).toEqual([
    'table=1, priority=200,icmp6,icmp_type=134 actions=goto_table:2',
    'table=1, priority=200,icmp6,icmp_type=136 actions=goto_table:2',
    'table=1, priority=200,icmp6,icmp_type=137 actions=goto_table:2',
    'table=1, priority=1 actions=goto_table:2',
  ])
  expect(flowsOfFeature(spoofed, topology)).toEqual(['table=2, priority=100,in_port=11 actions=drop'])
})
