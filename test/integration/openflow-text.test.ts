// Flow text against a real ovs-ofctl: what we put in with our own bytes, both sides print alike.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { join } from 'node:path'
import { connectOpenFlow, type OpenFlowConnection } from '../../src/openflow/connection.js'
import { type Flow, flowAttributes, flowInstructions, flowKey } from '../../src/openflow/flow.js'
import { NO_NAMES, type PortNames, portNames } from '../../src/openflow/text/port-names.js'
import { renderFlow } from '../../src/openflow/text/print.js'
import { type FlowVector, textVectors } from '../golden/openflow/vectors.js'
import { addOf, dumpOf, flowOf } from '../support/flow-text.js'
import { createLab, type Lab } from '../support/lab.js'

let lab: Lab

beforeAll(async () => {
  lab = await createLab()
})

afterAll(() => lab.destroy())

/** Forms of text that the vectors do not hold. */
// prettier-ignore
const MORE = [
  'actions=drop', 'cookie=0x7,actions=drop', 'ip,actions=drop', 'cookie=0x7,send_flow_rem,check_overlap,actions=drop', 'importance=5,idle_timeout=9,send_flow_rem,actions=drop',
  'dl_vlan_pcp=5,actions=drop', 'dl_vlan=5,dl_vlan_pcp=3,actions=drop', 'vlan_tci=0x5064/0xf0ff,actions=drop', 'vlan_tci=0x0064/0x1fff,actions=drop',
  'ip,ip_dscp=5,nw_ecn=1,nw_ttl=3,actions=drop', 'sctp,tp_src=5,tp_dst=0x50/0xfff0,actions=set_field:7->sctp_src', 'udp6,tp_dst=53,actions=drop',
  'icmp6,icmp_type=135,icmp_code=0,actions=set_field:136->icmpv6_type', 'reg0=1,reg1=2/3,reg6=7,reg7=0xff/0xff,actions=drop', 'reg8=1,actions=drop',
  'sctp,actions=move:OXM_OF_SCTP_SRC[]->OXM_OF_SCTP_DST[]', 'icmp6,actions=move:NXM_NX_ICMPV6_TYPE[]->NXM_NX_ICMPV6_CODE[]',
  'actions=write_metadata:0x15/0xf,goto_table:9', 'actions=output:CONTROLLER', 'actions=normal,local,all,flood,in_port,table',
  'arp,arp_spa=10.0.0.0/255.0.0.255,arp_tha=00:00:00:00:00:00/ff:ff:ff:00:00:00,actions=drop', 'dl_type=0x88cc,actions=drop',
  'actions=write_actions(output:3,set_field:fa:16:3e:00:00:01->eth_src)', 'actions=clear_actions,write_actions(output:3)',
]

/** The switch refused some when they were recorded; tunnel metadata needs a mapping that it does not have here. */
function isTaken({ flow_stats_entry_hex, text }: FlowVector): boolean {
  return flow_stats_entry_hex !== null && !text.includes('tun_metadata')
}

describe.each([
  ['br-15', 'OpenFlow15'],
  ['br-13', 'OpenFlow13'],
] as const)('on %s, in %s,', (bridge, protocol) => {
  let connection: OpenFlowConnection
  let sent: readonly Flow[]
  let back: readonly Flow[]

  beforeAll(async () => {
    await lab.addBridge(bridge, { protocols: protocol })
    await lab.ofctl('-O', protocol, 'add-group', bridge, 'group_id=1,type=all,bucket=output:11')
    connection = await connectOpenFlow({ kind: 'unix', path: join(lab.runDir, `${bridge}.mgmt`) })
    await lab.ofctl('-O', protocol, 'add-meter', bridge, 'meter=1,pktps,band=type=drop,rate=100')
    const texts = textVectors
      .filter((vector) => vector.version === protocol && isTaken(vector))
      .map(({ text }) => text)
    // Many of these have the same match; each gets a priority of its own, so that none replaces another.
    sent = [...new Set([...texts, ...MORE])].map((text, n) => ({ ...flowOf(text), priority: 100 + n }))
    if (protocol === 'OpenFlow13') sent = sent.map((flow) => ({ ...flow, importance: 0 }))
    sent = [...sent, flowOf('table=9,actions=drop')]
  })

  afterAll(() => connection.close())

  test('the switch takes our bytes for every flow', async () => {
    const refused: string[] = []
    for (const flow of sent) {
      const xid = connection.nextXid()
      connection.watchErrors(xid, ({ errorName }) =>
        refused.push(`${errorName}: ${renderFlow(flow, NO_NAMES)}`),
      )
      connection.send(addOf(flow, connection.version), xid)
    }
    await connection.barrier()
    expect(refused).toEqual([])
    back = await dumpOf(connection)
  })

  test('gives back the flows that were sent', () => {
    const identity = (flow: Flow): string =>
      [flowKey(flow), flowInstructions(flow), flowAttributes(flow)].join(' ')
    expect(sent.length).toBeGreaterThan(80)
    expect(back.map(identity).sort()).toEqual(sent.map(identity).sort())
  })

  test('and prints them as we do', async () => {
    const dump = await lab.ofctl('-O', protocol, '--no-stats', '--no-names', 'dump-flows', bridge)
    const theirs = dump
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line.includes('actions='))
    expect(back.map((flow) => renderFlow(flow, NO_NAMES)).sort()).toEqual(theirs.sort())
    expect(theirs).toContain('table=9, actions=drop')
  })
})

describe('port names', () => {
  // prettier-ignore
  const NAMES = ['eth0', 'tap-vm1', 'tap_vm1', 'br_x', 'eth0.100', '0abc', 'a@b', 'LOCALx', 'x+y', 'A1', 'vnet0', '_u', 'é', '1', '12ab', '-x', 'x-', 'tap$1']
  let names: PortNames

  beforeAll(async () => {
    await lab.addBridge('br-int')
    for (const [i, name] of NAMES.entries()) {
      const port = ['set', 'Interface', name, 'type=internal', `ofport_request=${i + 1}`]
      await lab.vsctl('--', 'add-port', 'br-int', name, '--', ...port)
      await lab.ofctl(
        'add-flow',
        'br-int',
        `in_port=${i + 1},actions=output:${i + 1},set_field:${i + 1}->in_port`,
      )
    }
    names = portNames([...NAMES.map((name, i) => [name, i + 1] as const), ['br-int', 0xfffffffe]])
  })

  test('are quoted as ovs-ofctl quotes them, and read again', async () => {
    const dump = await lab.ofctl('--names', '--no-stats', 'dump-flows', 'br-int')
    const theirs = dump
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line.includes('actions='))
    const flows = theirs.map((line) => flowOf(line, names))
    expect(theirs).toHaveLength(NAMES.length)
    expect(flows.map((flow) => renderFlow(flow, names))).toEqual(theirs)
    const numbered = await lab.dumpFlows('br-int')
    expect(flows.map((flow) => renderFlow(flow, NO_NAMES)).sort()).toEqual(numbered.sort())
  })
})
