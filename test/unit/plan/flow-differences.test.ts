import { describe, expect, test } from '@jest/globals'
import { NO_NAMES } from '../../../src/openflow/text/port-names.js'
import { compareFlows } from '../../../src/plan/flow-differences.js'
import { differencesToJson, renderDifference } from '../../../src/plan/render-differences.js'
import { flowOf } from '../../support/flow-text.js'

/** The lines of a comparison. */
function compare(a: readonly string[], b: readonly string[]): readonly string[] {
  const differences = compareFlows(
    a.map((text) => flowOf(text)),
    b.map((text) => flowOf(text)),
  )
  return differences.flatMap((difference) => renderDifference(difference, NO_NAMES))
}

describe('two tables of flows', () => {
  test('that hold the same, in any order, do not differ', () => {
    const flows = ['table=1,ip,actions=drop', 'priority=3,actions=output:1', 'arp,actions=output:2']
    expect(compare(flows, flows.toReversed())).toEqual([])
    expect(compare([], [])).toEqual([])
  })

  test('differ in what one of them has', () => {
    expect(
      compare(['ip,actions=drop', 'arp,actions=drop'], ['arp,actions=drop', 'ipv6,actions=drop']),
    ).toEqual(['-ip actions=drop', '+ipv6 actions=drop'])
  })

  test.each([
    ['cookie=0x5,ip,actions=drop', '-ip cookie=0x5 actions=drop'],
    ['idle_timeout=9,ip,actions=drop', '-ip idle_timeout=9 actions=drop'],
    ['hard_timeout=9,ip,actions=drop', '-ip hard_timeout=9 actions=drop'],
    ['importance=9,ip,actions=drop', '-ip importance=9 actions=drop'],
    ['ip,actions=output:1', '-ip actions=output:1'],
  ])('differ by %s', (text, line) => {
    expect(compare([text], ['ip,actions=drop'])).toEqual([line, '+ip actions=drop'])
  })

  test('show flags only where they differ, and never how a flow was added', () => {
    expect(compare(['send_flow_rem,check_overlap,actions=drop'], ['no_byte_counts,actions=drop'])).toEqual([
      '- send_flow_rem actions=drop',
      '+ no_byte_counts actions=drop',
    ])
    expect(compare(['send_flow_rem,actions=drop'], ['send_flow_rem,actions=output:1'])).toEqual([
      '- actions=drop',
      '+ actions=output:1',
    ])
    expect(compare(['check_overlap,actions=drop'], ['reset_counts,actions=drop'])).toEqual([])
  })

  test('come by table, then by the highest priority of the fields matched on, then as they came', () => {
    const a = ['table=2,actions=drop', 'ip,priority=9,actions=drop', 'in_port=1,priority=10,actions=drop']
    const b = [
      'ip,priority=50,actions=drop',
      'in_port=2,priority=10,actions=drop',
      'table=1,priority=1,actions=drop',
    ]
    expect(compare(a, b)).toEqual([
      '-priority=9,ip actions=drop',
      '+priority=50,ip actions=drop',
      '-priority=10,in_port=1 actions=drop',
      '+priority=10,in_port=2 actions=drop',
      '+table=1 priority=1 actions=drop',
      '-table=2  actions=drop',
    ])
  })

  test('are in one order where the switch keeps their fields in one place', () => {
    const flows = [
      'priority=5,tcp,tp_src=1',
      'priority=6,ip,nw_src=10.0.0.1',
      'priority=9,icmp,icmp_type=8',
      'priority=8,arp,arp_spa=10.0.0.1',
    ]
    expect(
      compare(
        flows.map((flow) => `${flow},actions=drop`),
        [],
      ),
    ).toEqual([
      '-priority=5,tcp,tp_src=1 actions=drop',
      '-priority=9,icmp,icmp_type=8 actions=drop',
      '-priority=6,ip,nw_src=10.0.0.1 actions=drop',
      '-priority=8,arp,arp_spa=10.0.0.1 actions=drop',
    ])
  })

  test('have of two flows with one key the last, in the place of the first', () => {
    const twice = ['ip,actions=output:1', 'ip,actions=output:2']
    expect(compare(twice, [])).toEqual(['-ip actions=output:2'])
    expect(compare([], twice)).toEqual(['+ip actions=output:2'])
  })

  test('are counted and written out for programs', () => {
    const differences = compareFlows(
      [flowOf('ip,actions=drop'), flowOf('send_flow_rem,arp,actions=drop')],
      [flowOf('arp,actions=drop'), flowOf('table=3,actions=drop')],
    )
    expect(differencesToJson(differences, NO_NAMES)).toEqual({
      summary: { onlyInA: 1, onlyInB: 1, different: 1 },
      differences: [
        { a: 'ip actions=drop', b: null },
        { a: 'send_flow_rem arp actions=drop', b: 'arp actions=drop' },
        { a: null, b: 'table=3, actions=drop' },
      ],
    })
  })
})
