import { describe, expect, test } from '@jest/globals'
import { canonicalInstructions } from '../../../src/openflow/actions/canonical.js'
import type { Instruction } from '../../../src/openflow/actions/instructions.js'
import { decode } from '../../../src/openflow/codec.js'
import { canonicalMatch } from '../../../src/openflow/fields/canonical.js'
import type { Match } from '../../../src/openflow/fields/match.js'
import {
  type Flow,
  FLOW_FLAG,
  flowAttributes,
  flowInstructions,
  flowKey,
} from '../../../src/openflow/flow.js'
import { flowStatsEntry } from '../../../src/openflow/messages/flow-stats.js'
import { OPENFLOW_13, OPENFLOW_15 } from '../../../src/openflow/version.js'
import { Reader } from '../../../src/openflow/wire/reader.js'
import type { Hex } from '../../../src/values/hex.js'
import { flowVectors, rawVectors } from '../../golden/openflow/vectors.js'

const EMPTY: Flow = {
  tableId: 52,
  priority: 20,
  cookie: '0000000000000001' as Hex,
  idleTimeout: 0,
  hardTimeout: 0,
  importance: 0,
  flags: 0,
  match: [],
  instructions: [],
}

function field(name: string, value: string, mask?: string): Match[number] {
  const exact = { field: name, value: value as Hex }
  return mask === undefined ? exact : { ...exact, mask: mask as Hex }
}

function keyOf(...match: Match): string {
  return flowKey({ ...EMPTY, match })
}

describe('the key of a flow', () => {
  test('is its table, its priority and its match', () => {
    expect(keyOf(field('metadata', '0000000000001f42', '0000000000ffffff'))).toBe(
      '52/20/metadata=0000000000001f42/0000000000ffffff',
    )
    const other: Flow = { ...EMPTY, cookie: 'ff00000000000000' as Hex, idleTimeout: 9 }
    expect(flowKey(other)).toBe(flowKey(EMPTY))
  })

  test('differs by table and by priority', () => {
    expect(flowKey({ ...EMPTY, tableId: 53 })).not.toBe(flowKey(EMPTY))
    expect(flowKey({ ...EMPTY, priority: 21 })).not.toBe(flowKey(EMPTY))
  })

  test('does not depend on the order of fields', () => {
    const [type, address] = [field('eth_type', '0800'), field('ip_dst', '0a010003')]
    expect(keyOf(type, address)).toBe(keyOf(address, type))
  })

  test('takes a mask of all ones for an exact match', () => {
    expect(keyOf(field('ip_dst', '0a010003', 'ffffffff'))).toBe(keyOf(field('ip_dst', '0a010003')))
  })

  test('takes a mask of all the bits that a field has for an exact match', () => {
    expect(keyOf(field('vlan_vid', '1005', '1fff'))).toBe(keyOf(field('vlan_vid', '1005')))
  })

  test('leaves out a field that is masked to nothing', () => {
    expect(keyOf(field('ip_dst', '0a010003', '00000000'))).toBe(keyOf())
  })

  test('keeps an exact match on zero', () => {
    expect(keyOf(field('metadata', '0000000000000000'))).not.toBe(keyOf())
  })

  test('clears the bits outside a mask', () => {
    expect(keyOf(field('ip_dst', '0a0100ff', 'ffffff00'))).toBe(
      keyOf(field('ip_dst', '0a010000', 'ffffff00')),
    )
    expect(keyOf(field('ip_dst', '0a010000', 'ffffff00'))).not.toBe(keyOf(field('ip_dst', '0a010000')))
  })

  test('takes a pair of registers for the two registers', () => {
    const two = keyOf(field('reg6', '00000001'), field('reg7', '00000002'))
    expect(keyOf(field('xreg3', '0000000100000002'))).toBe(two)
  })

  test('takes half a pair of registers for the one register, with its mask', () => {
    const half = field('xreg3', '0000000000000010', '00000000000000f0')
    expect(keyOf(half)).toBe(keyOf(field('reg7', '00000010', '000000f0')))
    expect(keyOf(field('xreg0', '0000000700000000', 'ffffffff00000000'))).toBe(
      keyOf(field('reg0', '00000007')),
    )
  })

  test('keeps a field that this program has no name for', () => {
    expect(canonicalMatch([field('oxm_8000_42_2', '0002', '0012')])).toEqual([
      field('oxm_8000_42_2', '0002', '0012'),
    ])
  })
})

describe('the instructions of a flow', () => {
  const goto: Instruction = { type: 'goto_table', tableId: 53 }
  const apply: Instruction = { type: 'apply_actions', actions: [{ type: 'output', port: 11, maxLen: 0 }] }
  const of = (...instructions: Instruction[]): string => flowInstructions({ ...EMPTY, instructions })

  test('are the same in whatever order they were given', () => {
    expect(of(goto, apply)).toBe(of(apply, goto))
    expect(canonicalInstructions([goto, { type: 'clear_actions' }, apply])).toEqual([
      apply,
      { type: 'clear_actions' },
      goto,
    ])
  })

  test('are the same whatever the order of keys in their records', () => {
    const actions: Instruction = { actions: [{ maxLen: 0, port: 11, type: 'output' }], type: 'apply_actions' }
    expect(of(actions)).toBe(of(apply))
  })

  test('are the same with and without empty lists of actions', () => {
    expect(of({ type: 'apply_actions', actions: [] }, goto, { type: 'write_actions', actions: [] })).toBe(
      of(goto),
    )
    expect(of()).not.toBe(of({ type: 'clear_actions' }))
  })

  test('keep the order of their actions', () => {
    const [one, two] = [11, 12].map((port) => ({ type: 'output' as const, port, maxLen: 0 }))
    expect(of({ type: 'apply_actions', actions: [one!, two!] })).not.toBe(
      of({ type: 'apply_actions', actions: [two!, one!] }),
    )
  })

  test('do not change the list they were given', () => {
    const given = [goto, apply]
    canonicalInstructions(given)
    expect(given).toEqual([goto, apply])
  })
})

describe('the attributes of a flow', () => {
  const withFlags = (...flags: readonly number[]): string =>
    flowAttributes({ ...EMPTY, flags: flags.reduce((sum, flag) => sum | flag, 0) })

  test('leave out the flags that only say how to add it', () => {
    expect(withFlags(FLOW_FLAG.check_overlap, FLOW_FLAG.reset_counts)).toBe(withFlags())
  })

  test.each(['send_flow_rem', 'no_packet_counts', 'no_byte_counts'] as const)('include %s', (flag) => {
    expect(withFlags(FLOW_FLAG[flag])).not.toBe(withFlags())
  })

  test.each([
    { cookie: '0000000000000002' as Hex },
    { idleTimeout: 1 },
    { hardTimeout: 1 },
    { importance: 1 },
  ])('include %o', (change) => {
    expect(flowAttributes({ ...EMPTY, ...change })).not.toBe(flowAttributes(EMPTY))
  })
})

// The switch turns these into something the codec has no common form for; see the README of the vectors.
const REWRITTEN = /^act-delete-field$/

describe('a flow as it was sent and as the switch gives it back', () => {
  const taken = [...flowVectors, ...rawVectors].filter(
    (vector) => vector.flow_mod_hex && vector.flow_stats_entry_hex,
  )
  const same = taken.filter(({ name }) => !REWRITTEN.test(name))

  test.each(same.map((vector) => [`${vector.version} ${vector.name}`, vector] as const))(
    'is the same flow: %s',
    (_, vector) => {
      const { message } = decode(Buffer.from(vector.flow_mod_hex ?? '', 'hex'))
      const sent = message as unknown as Flow
      const entry = new Reader(Buffer.from(vector.flow_stats_entry_hex ?? '', 'hex'))
      const back = flowStatsEntry.read(entry, vector.version === 'OpenFlow13' ? OPENFLOW_13 : OPENFLOW_15)
      expect([flowKey(back), flowInstructions(back), flowAttributes(back)]).toEqual([
        flowKey(sent),
        flowInstructions(sent),
        flowAttributes(sent),
      ])
    },
  )
})
