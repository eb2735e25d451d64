import { describe, expect, test } from '@jest/globals'
import { FLOW_COMMAND } from '../../../src/openflow/messages/flow-mod.js'
import type { Change } from '../../../src/plan/plan.js'
import { flowModOf } from '../../../src/switch/flow-mods.js'
import { packetOutMessage } from '../../../src/switch/packet-out.js'
import { output } from '../../../src/pipeline/actions.js'
import { type Flow, flowInstructions, flowKey } from '../../../src/openflow/flow.js'
import { flowOfText } from '../../support/networks.js'

const FLOW = flowOfText(
  'cookie=0xdf018abe6f11f755, table=52, idle_timeout=300, hard_timeout=9, send_flow_rem priority=100,in_port=12 actions=output:11',
)

function desired(flow: Flow) {
  return {
    flow,
    key: flowKey(flow),
    instructions: flowInstructions(flow),
    reasons: [],
  }
}

describe('a flow-mod', () => {
  test('to add has all of the flow, any output, and no buffer', () => {
    expect(flowModOf({ kind: 'add', desired: desired(FLOW) })).toEqual({
      type: 'flow_mod',
      command: FLOW_COMMAND.add,
      cookie: 'df018abe6f11f755',
      cookieMask: '0000000000000000',
      tableId: 52,
      priority: 100,
      idleTimeout: 300,
      hardTimeout: 9,
      importance: 0,
      flags: 1,
      match: FLOW.match,
      instructions: FLOW.instructions,
      bufferId: 0xffffffff,
      outPort: 0xffffffff,
      outGroup: 0xffffffff,
    })
  })

  test('to replace is one to add: only that changes cookie, timeouts and flags', () => {
    const change: Change = { kind: 'replace', desired: desired(FLOW), installed: { ...FLOW, flags: 0 } }
    expect(flowModOf(change)).toEqual(flowModOf({ kind: 'add', desired: desired(FLOW) }))
  })

  test('to modify is strict and names the owner', () => {
    const change: Change = {
      kind: 'modify',
      desired: desired(FLOW),
      installed: { ...FLOW, instructions: [] },
    }
    expect(flowModOf(change)).toMatchObject({
      command: FLOW_COMMAND.modify_strict,
      cookie: 'df018abe6f11f755',
      cookieMask: 'ffff000000000000',
      instructions: FLOW.instructions,
    })
  })

  test('to delete is strict, names the owner, and carries no instructions', () => {
    expect(flowModOf({ kind: 'delete', installed: FLOW })).toMatchObject({
      command: FLOW_COMMAND.delete_strict,
      cookie: 'df018abe6f11f755',
      cookieMask: 'ffff000000000000',
      tableId: 52,
      priority: 100,
      match: FLOW.match,
      instructions: [],
    })
  })
})

test('a packet sent on starts where it came in', () => {
  const data = Buffer.from('00112233', 'hex')
  expect(packetOutMessage(12, [output(11)], data)).toEqual({
    type: 'packet_out',
    bufferId: 0xffffffff,
    match: [{ field: 'in_port', value: '0000000c' }],
    actions: [{ type: 'output', port: 11, maxLen: 0 }],
    data,
  })
})

test('a flow-mod says a meter, and bits under a mask, in the words of its version', () => {
  const flow = flowOfText(
    'cookie=0xdf01, table=56, priority=1 actions=meter:11,set_field:0x1/0xf->reg0,CONTROLLER:65535',
  )
  const change: Change = { kind: 'add', desired: desired(flow) }
  expect(flowModOf(change).instructions).toBe(flow.instructions)
  for (const version of [0x04, 0x05] as const) {
    const { instructions } = flowModOf(change, version)
    expect(instructions.map(({ type }) => type)).toEqual(['meter', 'apply_actions'])
    expect(JSON.stringify(instructions)).toContain('reg_load')
    expect(flowInstructions({ instructions })).toBe(flowInstructions(flow))
  }
})
