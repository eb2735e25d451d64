import { describe, expect, test } from '@jest/globals'
import { DEFAULT_PRIORITY, type Flow, FLOW_FLAG } from '../../../../src/openflow/flow.js'
import type { FlowEntry } from '../../../../src/openflow/messages/flow-stats.js'
import { NO_NAMES, portNames } from '../../../../src/openflow/text/port-names.js'
import { flowPrinter, renderFlow, renderFlowHead } from '../../../../src/openflow/text/print.js'
import type { Hex } from '../../../../src/values/hex.js'
import { flowOf } from '../../../support/flow-text.js'

const DROP: Flow = {
  tableId: 0,
  priority: DEFAULT_PRIORITY,
  cookie: '0000000000000000' as Hex,
  idleTimeout: 0,
  hardTimeout: 0,
  importance: 0,
  flags: 0,
  match: [],
  instructions: [],
}

const printed = flowPrinter({ names: NO_NAMES })
const withStats = flowPrinter({ names: NO_NAMES, stats: true })

describe('a flow is printed', () => {
  test('with its attributes in the order of Open vSwitch 3.1', () => {
    const flow: Flow = {
      ...DROP,
      ...{ tableId: 3, priority: 7, cookie: '0000000000000005' as Hex },
      ...{ idleTimeout: 30, hardTimeout: 500, importance: 9 },
      flags: FLOW_FLAG.send_flow_rem | FLOW_FLAG.no_byte_counts,
    }
    const head =
      'cookie=0x5, table=3, idle_timeout=30, hard_timeout=500, send_flow_rem no_byte_counts importance=9, priority=7'
    expect(renderFlow(flow, NO_NAMES)).toBe(`${head} actions=drop`)
    expect(renderFlowHead(flow, NO_NAMES)).toBe(head)
    expect(printed(flow)).toBe(`${head} actions=drop`)
  })

  test('with nothing before its actions where there is nothing to say', () => {
    expect(renderFlow(DROP, NO_NAMES)).toBe('actions=drop')
    expect(renderFlowHead(DROP, NO_NAMES)).toBe('')
    expect(renderFlow({ ...DROP, tableId: 9 }, NO_NAMES)).toBe('table=9, actions=drop')
    expect(renderFlowHead({ ...DROP, tableId: 9 }, NO_NAMES)).toBe('table=9,')
  })

  test('with the names that its printer has, though printers see the same records', () => {
    const flow = flowOf('in_port=11 actions=output:11')
    const names = ['one', 'two'].map((name) => flowPrinter({ names: portNames([[name, 11]]) }))
    expect(names.map((print) => print(flow))).toEqual([
      'in_port=one actions=output:one',
      'in_port=two actions=output:two',
    ])
    expect(printed(flow)).toBe('in_port=11 actions=output:11')
  })

  test('with a field as the fields beside it want it, though it is the same record', () => {
    const [ethType, ipProtocol] = flowOf('tcp actions=drop').match
    const [tcpSrc] = flowOf('tcp_src=7 actions=drop').match
    const [c1, mdType] = flowOf('nsh_mdtype=1,nsh_c1=5 actions=drop').match.toReversed()
    if (!ethType || !ipProtocol || !tcpSrc || !c1 || !mdType) throw new Error('a field is missing')
    const matches = [[ethType, ipProtocol, tcpSrc], [ethType], [ipProtocol, tcpSrc], [c1], [mdType, c1]]
    const words = ['tcp,tp_src=7', 'ip', 'nw_proto=6,tp_src=7', '', 'nsh_mdtype=1,nsh_c1=0x5']
    const text = (match: Flow['match']) => printed({ ...DROP, match }).replace(/ ?actions=drop/, '')
    expect(matches.map(text)).toEqual(words)
    expect(matches.toReversed().map(text)).toEqual(words.toReversed())
  })
})

describe('a flow with statistics is printed', () => {
  const stats15 = {
    ...{ durationSec: 8, durationNsec: 180_000_000, idleSec: 7, idleNsec: 0 },
    ...{ packetCount: '0000000000000003' as Hex, byteCount: '00000000000000ba' as Hex },
  }

  // The lines are those of ovs-ofctl 3.1 for the same flows.
  test('from the OXS counters of OpenFlow 1.5, with the time since its last packet', () => {
    const flow = { ...flowOf('idle_timeout=30,send_flow_rem,priority=7,tcp actions=drop'), stats: stats15 }
    expect(withStats(flow)).toBe(
      'cookie=0x0, duration=8.180s, table=0, n_packets=3, n_bytes=186, idle_timeout=30, send_flow_rem idle_age=7, priority=7,tcp actions=drop',
    )
    expect(withStats({ ...DROP, stats: stats15, tableId: 4, importance: 9 })).toBe(
      'cookie=0x0, duration=8.180s, table=4, n_packets=3, n_bytes=186, importance=9, idle_age=7, actions=drop',
    )
  })

  test('from the fixed counters of OpenFlow 1.3', () => {
    const flow: FlowEntry = {
      ...flowOf('cookie=5,table=3,hard_timeout=9,priority=3,in_port=LOCAL actions=drop'),
      ...{ durationSec: 8, durationNsec: 122_000_000 },
      ...{ packetCount: '0000000000000003' as Hex, byteCount: 'fffffffffffffffe' as Hex },
    }
    expect(withStats(flow)).toBe(
      'cookie=0x5, duration=8.122s, table=3, n_packets=3, n_bytes=18446744073709551614, hard_timeout=9, priority=3,in_port=LOCAL actions=drop',
    )
    expect(printed(flow)).toBe('cookie=0x5, table=3, hard_timeout=9, priority=3,in_port=LOCAL actions=drop')
  })

  test.each([
    [0, '8s'],
    [100_000_000, '8.100s'],
    [1_000_000, '8.001s'],
    [1_000, '8.000001s'],
    [120_034_500, '8.1200345s'],
    [1, '8.000000001s'],
  ])('with as many digits of its duration as it takes: %i ns', (durationNsec, text) => {
    expect(withStats({ ...DROP, durationSec: 8, durationNsec })).toBe(
      `cookie=0x0, duration=${text}, table=0, actions=drop`,
    )
  })

  test('without what the switch did not say', () => {
    expect(withStats(DROP)).toBe('cookie=0x0, table=0, actions=drop')
    expect(withStats({ ...DROP, stats: { others: '8002080400000003' as Hex } })).toBe(
      'cookie=0x0, table=0, actions=drop',
    )
  })
})
