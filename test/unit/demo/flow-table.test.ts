import { describe, expect, test } from '@jest/globals'
import { diffFlowTables, mentions, parseFlow, sortFlows } from '../../../scripts/demo/flow-table.js'

const LINES = [
  'cookie=0x1f, table=52, idle_timeout=300, send_flow_rem priority=100,ip,nw_dst=10.1.0.3 actions=dec_ttl,output:11',
  'cookie=0x1f, table=52, priority=20,ip,nw_dst=10.1.0.0/24 actions=CONTROLLER:65535',
  'cookie=0x1f, table=0, priority=1000,in_port=11 actions=goto_table:40',
  'table=40, arp actions=goto_table:51',
]
const flows = LINES.map(parseFlow)

describe('parseFlow', () => {
  test('takes a dumped line apart and leaves the cookie out', () => {
    expect(flows[0]).toEqual({
      table: 52,
      priority: 100,
      match: 'idle_timeout=300, send_flow_rem priority=100,ip,nw_dst=10.1.0.3',
      actions: 'dec_ttl,output:11',
    })
  })

  test('knows the priority that ovs-ofctl does not print', () => {
    expect(flows[3]).toMatchObject({ table: 40, priority: 32768, match: 'arp' })
  })
})

test('flows are sorted by table and by falling priority', () => {
  expect(sortFlows(flows).map(({ table, priority }) => [table, priority])).toEqual([
    [0, 1000],
    [40, 32768],
    [52, 100],
    [52, 20],
  ])
})

test('the difference of two tables names what is gone and what is new', () => {
  const changed = parseFlow(LINES[0]!.replace('10.1.0.3', '10.1.0.33'))
  expect(diffFlowTables(flows, [changed, ...flows.slice(1)])).toEqual([
    { sign: '-', flow: flows[0] },
    { sign: '+', flow: changed },
  ])
  expect(diffFlowTables(flows, sortFlows(flows))).toEqual([])
})

test('an address is found only as a whole', () => {
  expect(mentions(flows, '10.1.0.3')).toBe(true)
  expect(mentions(flows, '10.1.0.33')).toBe(false)
  expect(mentions(flows, '10.1.0.0')).toBe(false)
  expect(mentions([parseFlow(LINES[0]!.replace('10.1.0.3', '10.1.0.33'))], '10.1.0.3')).toBe(false)
})
