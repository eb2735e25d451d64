import { describe, expect, test } from '@jest/globals'
import type { Flow } from '../../../src/openflow/flow.js'
import type { Paint } from '../../../src/plan/paint.js'
import { renderPlanText } from '../../../src/plan/render-text.js'
import { flowOfText, twoNetworks } from '../../support/networks.js'
import { modelFlows, reportAgainst } from '../../support/plans.js'

const FLOWS = modelFlows(twoNetworks())
const PLACE = 'examples/two-networks'

/** What is installed: all that is wanted, but for what `change` makes of it. */
function installed(change: (flow: Flow) => readonly Flow[]): readonly Flow[] {
  return FLOWS.flatMap(change)
}

describe('a plan for people', () => {
  test('with nothing to do is one line', () => {
    expect(renderPlanText(reportAgainst(FLOWS))).toBe(
      'br-int: 0 to add, 0 to change, 0 to delete, 64 unchanged',
    )
  })

  test('names the six flows of table 51 that somebody deleted, under the objects that want them', () => {
    const report = reportAgainst(installed((flow) => (flow.tableId === 51 ? [] : [flow])))
    const echo = '  + table=51, priority=100,icmp,metadata=0x3e567e8acb000000/0xffffffffff000000,nw_dst='
    const reply = 'set_field:2->arp_op,move:NXM_NX_ARP_SHA[]->NXM_NX_ARP_THA[]'
    const lines = renderPlanText(report).split('\n')
    expect(lines.map((line) => line.replace(/((?:arp_op=1|icmp_code=0) actions=).*IN_PORT/, '$1…'))).toEqual([
      `Router r1  ${PLACE}/router.yaml:4:19`,
      `  + table=51, send_flow_rem priority=100,arp,metadata=0x1f42,arp_tpa=10.1.0.1,arp_op=1 actions=…  # ${PLACE}/router.yaml:7:7`,
      `  + table=51, send_flow_rem priority=100,arp,metadata=0x1f43,arp_tpa=10.2.0.1,arp_op=1 actions=…  # ${PLACE}/router.yaml:8:7`,
      `${echo}10.1.0.1,icmp_type=8,icmp_code=0 actions=…  # ${PLACE}/router.yaml:7:7`,
      `${echo}10.2.0.1,icmp_type=8,icmp_code=0 actions=…  # ${PLACE}/router.yaml:8:7`,
      '',
      'Pipeline',
      '  + table=51, priority=2,ip actions=write_metadata:0/0xffffffffff000000,goto_table:52',
      '  + table=51, priority=1 actions=goto_table:55',
      '',
      'br-int: 6 to add, 0 to change, 0 to delete, 58 unchanged',
    ])
    expect(lines[1]).toContain(reply)
  })

  test('shows of a flow with other actions those actions, and of one with other attributes all of it', () => {
    const report = reportAgainst(
      installed((flow) => {
        if (flow.tableId === 23) return [{ ...flow, idleTimeout: 9 }]
        return flow.tableId === 51 && flow.priority === 1 ? [{ ...flow, instructions: [] }] : [flow]
      }),
    )
    expect(renderPlanText(report).split('\n')).toEqual([
      'Pipeline',
      '  ~ table=23, priority=0 actions=drop',
      '      was cookie=0xdf01010000000000, table=23, idle_timeout=9, priority=0 actions=drop',
      '  ~ table=51, priority=1 actions=goto_table:55',
      '      was actions=drop',
      '',
      'br-int: 0 to add, 2 to change, 0 to delete, 62 unchanged',
    ])
  })

  test('says of flows whose object is gone the feature that made them', () => {
    const gone = flowOfText('cookie=0xdf01430000000001, priority=1000,in_port=13 actions=drop')
    expect(renderPlanText(reportAgainst([...FLOWS, gone])).split('\n')).toEqual([
      'No longer in the manifests',
      '  - priority=1000,in_port=13 actions=drop  # ingress',
      '',
      'br-int: 0 to add, 0 to change, 1 to delete, 64 unchanged',
    ])
  })

  test('names the object of a flow that goes, while the object is still there', () => {
    const moved = flowOfText('cookie=0xdf01432d41d1711b, priority=1000,in_port=13 actions=drop')
    expect(
      renderPlanText(reportAgainst([...FLOWS, moved]))
        .split('\n')
        .slice(0, 2),
    ).toEqual([`Port vm1  ${PLACE}/ports.yaml:4:19`, '  - priority=1000,in_port=13 actions=drop'])
  })

  test('shows both flows of a conflict, and whose ours is', () => {
    const foreign = flowOfText('cookie=0x7, priority=1000,in_port=11 actions=NORMAL')
    const others = installed((flow) => (flow.priority === 1000 && flow.tableId === 0 ? [] : [flow]))
    const text = renderPlanText(reportAgainst([...others, foreign]))
    expect(text).toContain(
      [
        `! conflict  Port vm1  ${PLACE}/ports.yaml:4:19: a foreign flow stands where ours should be, and is left alone`,
        '      ours    cookie=0xdf01432d41d1711b, priority=1000,in_port=11 actions=write_metadata:0x1f42/0xffffff,goto_table:1',
        '      foreign cookie=0x7, priority=1000,in_port=11 actions=NORMAL',
      ].join('\n'),
    )
    expect(text).toMatch(/unchanged, 1 in conflict with foreign flows$/)
  })

  test('says which node it is for, and that the bridge will be made', () => {
    const lines = renderPlanText(reportAgainst([], { node: 'node-a', createsBridge: true })).split('\n')
    expect(lines[0]).toBe('+ bridge br-int (fail_mode=secure)')
    expect(lines.at(-1)).toBe('node-a br-int: 64 to add, 0 to change, 0 to delete, 0 unchanged')
  })

  test('has the same words in colour: the signs alone carry the meaning', () => {
    const paint: Paint = (style, text) => `<${style}>${text}</${style}>`
    const report = reportAgainst([])
    const painted = renderPlanText(report, paint)
    expect(painted).toContain('<green>  + table=23, priority=0 actions=drop</green>')
    expect(painted.replace(/<\/?[a-z]+>/g, '')).toBe(renderPlanText(report))
  })
})
