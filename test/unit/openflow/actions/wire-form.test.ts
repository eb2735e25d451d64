import { describe, expect, test } from '@jest/globals'
import type { Action } from '../../../../src/openflow/actions/actions.js'
import { canonicalActions, canonicalInstructions } from '../../../../src/openflow/actions/canonical.js'
import type { Instruction } from '../../../../src/openflow/actions/instructions.js'
import { wireActions, wireInstructions } from '../../../../src/openflow/actions/wire-form.js'
import { decode, encode } from '../../../../src/openflow/codec.js'
import { OPENFLOW_13, OPENFLOW_14, OPENFLOW_15, VERSIONS } from '../../../../src/openflow/version.js'
import { Reader } from '../../../../src/openflow/wire/reader.js'
import { actionList } from '../../../../src/openflow/actions/actions.js'
import type { Hex } from '../../../../src/values/hex.js'

const hex = (digits: string) => digits as Hex

const setBits = (value: string, mask?: string): Action => ({
  type: 'set_field',
  field: 'reg3',
  value: hex(value),
  ...(mask === undefined ? {} : { mask: hex(mask) }),
})

const load = (offset: number, bits: number, value: string): Action => ({
  type: 'reg_load',
  target: { field: 'reg3', offset, bits },
  value: hex(value.padStart(16, '0')),
})

describe('a write of some bits', () => {
  test('is one load for each run of ones before OpenFlow 1.5', () => {
    const loads = [load(0, 1, '1'), load(2, 1, '1'), load(8, 24, '0')]
    expect(wireActions([setBits('00000005', 'ffffff05')], OPENFLOW_13)).toEqual(loads)
    expect(wireActions([setBits('00000005', 'ffffff05')], OPENFLOW_14)).toEqual(loads)
  })

  test('is a masked set-field from OpenFlow 1.5 on', () => {
    expect(wireActions([load(4, 8, 'ab')], OPENFLOW_15)).toEqual([setBits('00000ab0', '00000ff0')])
    expect(wireActions([load(0, 32, '7')], OPENFLOW_15)).toEqual([setBits('00000007')])
  })

  test('of a whole field stays a set-field in every version', () => {
    for (const version of VERSIONS)
      expect(wireActions([setBits('00000007')], version)).toEqual([setBits('00000007')])
  })

  test('is changed inside other actions as well', () => {
    const clone = (actions: readonly Action[]): Action => ({ type: 'clone', actions })
    expect(wireActions([clone([clone([load(0, 1, '1')])])], OPENFLOW_15)).toEqual([
      clone([clone([setBits('00000001', '00000001')])]),
    ])
  })
})

describe('a meter', () => {
  const output: Action = { type: 'output', port: 12, maxLen: 0 }
  const asInstruction: readonly Instruction[] = [
    { type: 'meter', meterId: 1 },
    { type: 'apply_actions', actions: [output] },
  ]
  const asAction: readonly Instruction[] = [
    { type: 'apply_actions', actions: [{ type: 'meter', meterId: 1 }, output] },
  ]

  test('is an instruction before OpenFlow 1.5 and an action from then on', () => {
    expect(wireInstructions(asInstruction, OPENFLOW_15)).toEqual(asAction)
    expect(wireInstructions(asAction, OPENFLOW_13)).toEqual(asInstruction)
  })

  test('alone leaves no empty list of actions behind', () => {
    const meter: Instruction = { type: 'meter', meterId: 1 }
    const applied: Instruction = { type: 'apply_actions', actions: [meter] }
    expect(wireInstructions([applied], OPENFLOW_13)).toEqual([meter])
    expect(wireInstructions([meter], OPENFLOW_15)).toEqual([applied])
  })

  test('is the same in canonical form either way, but not behind another action', () => {
    expect(canonicalInstructions(asAction)).toEqual(canonicalInstructions(asInstruction))
    const behind: Instruction = { type: 'apply_actions', actions: [output, { type: 'meter', meterId: 1 }] }
    expect(canonicalInstructions([behind])).not.toEqual(canonicalInstructions(asInstruction))
  })
})

describe('in canonical form', () => {
  test.each<[string, Action, Action]>([
    ['a load and a masked set-field', load(0, 4, '2'), setBits('00000002', '0000000f')],
    ['a load of all bits and a set-field', load(0, 32, '7'), setBits('00000007')],
    [
      'NXAST_SET_TUNNEL and a set-field',
      { type: 'set_tunnel', tunnelId: 0x1f42 },
      { type: 'set_field', field: 'tun_id', value: hex('0000000000001f42') },
    ],
    [
      'a note and one with zeros behind',
      { type: 'note', data: hex('0102') },
      { type: 'note', data: hex('010200000000') },
    ],
    [
      'a plain output and one with a length that means nothing',
      { type: 'output', port: 12, maxLen: 0 },
      { type: 'output', port: 12, maxLen: 0xffff },
    ],
    [
      'a field to delete by either width',
      { type: 'delete_field', field: 'tun_metadata0' },
      { type: 'delete_field', field: 'tun_metadata0/4' },
    ],
  ])('%s are the same', (_, a, b) => {
    expect(canonicalActions([a])).toEqual(canonicalActions([b]))
  })

  test.each<[string, Action, Action]>([
    ['two values', load(0, 4, '2'), load(0, 4, '3')],
    ['two places', load(0, 4, '2'), load(1, 4, '1')],
    ['a whole field and a part of it', load(0, 32, '2'), load(0, 4, '2')],
    ['two notes', { type: 'note', data: hex('0102') }, { type: 'note', data: hex('0100') }],
    [
      'two lengths to the controller',
      { type: 'output', port: 0xfffffffd, maxLen: 0 },
      { type: 'output', port: 0xfffffffd, maxLen: 0xffff },
    ],
  ])('%s are different', (_, a, b) => {
    expect(canonicalActions([a])).not.toEqual(canonicalActions([b]))
  })

  test('the order of outputs counts', () => {
    const outputs = [11, 12].map((port): Action => ({ type: 'output', port, maxLen: 0 }))
    expect(canonicalActions(outputs)).not.toEqual(canonicalActions([...outputs].reverse()))
  })
})

describe('bytes of an action', () => {
  const actions = (digits: string) => actionList.read(new Reader(Buffer.from(digits, 'hex')), OPENFLOW_15)

  test('that its kind has no place for stay as they are', () => {
    expect(actions('0019001080000606fa163e0017e6ffff')).toEqual([
      { type: 'opaque', code: 25, body: '80000606fa163e0017e6ffff' },
    ])
  })

  test('that hold themselves a thousand times are refused, not followed', () => {
    const clones = Array.from({ length: 1000 }, (_, i) => {
      const length = (1000 - i) * 16
      return `ffff${length.toString(16).padStart(4, '0')}00002320002a000000000000`
    })
    expect(() => actions(clones.join(''))).toThrow(expect.objectContaining({ code: 'OPENFLOW_MALFORMED' }))
  })

  test.each([
    ['a NAT range with unknown parts', 'ffff00100000232000240000000100c0'],
    [
      'a learn spec with an unknown target',
      'ffff0028000023200010000000008000000000000000000000000100000000001801000000000000',
    ],
    ['more members than there are', 'ffff002000002320000c00010004000000000002ffff00000000000000000000'],
    [
      'a property of no length',
      'ffff002000002320002e00000001894f000401030200000000000000000000000'.slice(0, 64),
    ],
  ])('that are not right are a typed error: %s', (_, digits) => {
    expect(() => actions(digits)).toThrow(expect.objectContaining({ code: 'OPENFLOW_MALFORMED' }))
  })

  test('are read in OpenFlow 1.4 as they are in 1.3', () => {
    const list: readonly Action[] = [
      load(0, 4, '2'),
      { type: 'move', bits: 1, sourceOffset: 0, targetOffset: 0, source: 'reg0', target: 'eth_src' },
    ]
    const message = {
      type: 'packet_out' as const,
      bufferId: 0xffffffff,
      match: [{ field: 'in_port', value: hex('00000001') }],
      actions: list,
      data: Buffer.alloc(0),
    }
    const of14 = encode(OPENFLOW_14, 1, message)
    expect(of14.subarray(1)).toEqual(encode(OPENFLOW_13, 1, message).subarray(1))
    expect(decode(of14).message).toEqual(message)
  })
})
