import { describe, expect, test } from '@jest/globals'
import { renderPlanOfctl } from '../../../src/plan/render-ofctl.js'
import { flowOfText, twoNetworks } from '../../support/networks.js'
import { modelFlows, reportAgainst } from '../../support/plans.js'

const FLOWS = modelFlows(twoNetworks())

describe('a plan for ovs-ofctl', () => {
  test('against an empty switch is plain flows, table by table, what wins first', () => {
    const lines = renderPlanOfctl(reportAgainst([], { createsBridge: true }), true).split('\n')
    expect(lines).toHaveLength(64)
    expect(lines[0]).toBe(
      'cookie=0xdf01432d41d1711b, priority=1001,in_port=11,vlan_tci=0x1000/0x1000 actions=drop',
    )
    const places = lines.map(flowOfText).map(({ tableId, priority }) => tableId * 0x10000 - priority)
    expect(places).toEqual([...places].sort((a, b) => a - b))
  })

  test('against a switch is what to add, modify and delete, in the order of the bundle', () => {
    const present = FLOWS.flatMap((flow) => {
      if (flow.tableId === 23) return []
      if (flow.tableId === 60) return [{ ...flow, flags: 1 }]
      return flow.tableId === 53 || (flow.tableId === 51 && flow.priority === 1)
        ? [{ ...flow, instructions: [] }]
        : [flow]
    })
    const stray = flowOfText(
      'cookie=0xdf01430000000001, table=55, idle_timeout=9, send_flow_rem priority=7,metadata=0x1 actions=output:3',
    )
    expect(renderPlanOfctl(reportAgainst([...present, stray]), false).split('\n')).toEqual([
      'add cookie=0xdf010d0000000000, table=60, priority=1 actions=move:NXM_NX_TUN_ID[0..31]->NXM_NX_PKT_MARK[],output:6',
      'modify_strict cookie=0xdf01573e567e8acb/0xffff000000000000, table=53, priority=10,ip,metadata=0x1f42,dl_dst=fa:16:3e:c0:8d:8b actions=goto_table:56',
      'modify_strict cookie=0xdf01573e567e8acb/0xffff000000000000, table=53, priority=10,ip,metadata=0x1f43,dl_dst=fa:16:3e:c5:02:4d actions=goto_table:56',
      'modify_strict cookie=0xdf01050000000000/0xffff000000000000, table=51, priority=1 actions=goto_table:55',
      'add cookie=0xdf01010000000000, table=23, priority=0 actions=drop',
      'delete_strict cookie=0xdf01430000000001/0xffff000000000000, table=55, priority=7,metadata=0x1',
    ])
  })

  test('says in comments which node it is for, and that the bridge is missing', () => {
    const report = reportAgainst(FLOWS, { node: 'node-a', createsBridge: true })
    expect(renderPlanOfctl(report, false)).toBe('# node node-a, bridge br-int\n# bridge br-int is to be made')
    expect(renderPlanOfctl(report, true)).toBe('# node node-a, bridge br-int')
  })
})
