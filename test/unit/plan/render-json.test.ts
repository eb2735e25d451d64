import { describe, expect, test } from '@jest/globals'
import type { Held } from '../../../src/plan/guard.js'
import { planToJson } from '../../../src/plan/render-json.js'
import { flowOfText, twoNetworks } from '../../support/networks.js'
import { modelFlows, reportAgainst } from '../../support/plans.js'

const FLOWS = modelFlows(twoNetworks())

describe('a plan for programs', () => {
  test('with nothing to do has no changes', () => {
    expect(planToJson(reportAgainst(FLOWS, { node: 'node-a' }))).toEqual({
      node: 'node-a',
      bridge: 'br-int',
      createsBridge: false,
      ports: [],
      endsRestoreWait: false,
      held: null,
      summary: { add: 0, change: 0, delete: 0, unchanged: 64, conflicts: 0 },
      changes: [],
      conflicts: [],
      meters: null,
      warnings: [],
    })
  })

  test('says what of it waits for a yes', () => {
    const held: Held = { objects: new Map([['Port', 2]]), names: [], blocks: 'nothing' }
    expect(planToJson(reportAgainst(FLOWS, { held }))).toMatchObject({
      held: { objects: { Port: 2 }, names: [], blocks: 'nothing' },
    })
  })

  test('has for each change the flow, the feature, the object and its place', () => {
    const own = FLOWS.filter(({ tableId, priority }) => !(tableId === 52 && priority === 30))
    const stray = flowOfText('cookie=0xdf01430000000001, priority=1000,in_port=13 actions=drop')
    const { changes, summary, node } = planToJson(reportAgainst([...own, stray]))
    expect(node).toBeNull()
    expect(summary).toEqual({ add: 2, change: 0, delete: 1, unchanged: 62, conflicts: 0 })
    expect(changes).toEqual([
      {
        change: 'add',
        table: 52,
        priority: 30,
        flow: 'cookie=0xdf01482710e58122, table=52, priority=30,ip,metadata=0x1f42,nw_dst=10.1.0.0/24 actions=goto_table:55',
        feature: 'own-subnet',
        object: { kind: 'Subnet', name: 'net1-v4' },
        source: { file: 'examples/two-networks/networks.yaml', line: 9, column: 19 },
      },
      expect.objectContaining({ object: { kind: 'Subnet', name: 'net2-v4' } }),
      {
        change: 'delete',
        table: 0,
        priority: 1000,
        flow: 'cookie=0xdf01430000000001, priority=1000,in_port=13 actions=drop',
        feature: 'ingress',
        object: null,
        source: null,
      },
    ])
  })

  test('has what a changed flow was', () => {
    const changed = FLOWS.map((flow) => (flow.tableId === 23 ? { ...flow, flags: 1 } : flow))
    expect(planToJson(reportAgainst(changed)).changes).toEqual([
      {
        change: 'replace',
        table: 23,
        priority: 0,
        flow: 'cookie=0xdf01010000000000, table=23, priority=0 actions=drop',
        was: 'cookie=0xdf01010000000000, table=23, send_flow_rem priority=0 actions=drop',
        feature: 'canary',
        object: null,
        source: null,
      },
    ])
  })

  test('has both flows of a conflict, and the warnings', () => {
    const foreign = FLOWS.map((flow) =>
      flow.tableId === 23 ? { ...flow, cookie: '0000000000000007' } : flow,
    )
    const { conflicts, warnings } = planToJson(
      reportAgainst(foreign as typeof FLOWS, { warnings: ['fail_mode is not secure'] }),
    )
    expect(conflicts).toEqual([
      {
        wanted: 'cookie=0xdf01010000000000, table=23, priority=0 actions=drop',
        foreign: 'cookie=0x7, table=23, priority=0 actions=drop',
        object: null,
        source: null,
      },
    ])
    expect(warnings).toEqual(['fail_mode is not secure'])
  })
})
