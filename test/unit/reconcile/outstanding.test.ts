import { expect, test } from '@jest/globals'
import { compileModel } from '../../../src/compile/compiler.js'
import { stillOutstanding } from '../../../src/reconcile/outstanding.js'
import { NOTHING_OUTSTANDING, type Outstanding } from '../../../src/status/knowledge.js'
import { flowOfText, twoNetworks } from '../../support/networks.js'

const [first, second] = [...compileModel(twoNetworks()).values()]
if (!first || !second) throw new Error('two networks have more than one flow')

const installed = flowOfText('cookie=0x5,table=0,actions=drop')
const CONFLICT: Outstanding = { conflicts: [{ desired: first, installed }], left: [] }
const LEFT: Outstanding = { conflicts: [], left: [{ kind: 'add', desired: second }] }

test('a pass that looks at everything knows everything', () => {
  expect(stillOutstanding(CONFLICT, undefined, LEFT)).toEqual(LEFT)
  expect(stillOutstanding(CONFLICT, undefined, NOTHING_OUTSTANDING)).toEqual(NOTHING_OUTSTANDING)
})

test('a pass that looks at some flows changes what is known of these alone', () => {
  expect(stillOutstanding(CONFLICT, new Set([second.key]), LEFT)).toEqual({ ...CONFLICT, left: LEFT.left })
  const both = { ...CONFLICT, left: LEFT.left }
  expect(stillOutstanding(both, new Set([first.key]), NOTHING_OUTSTANDING)).toEqual(LEFT)
  expect(stillOutstanding(both, new Set([second.key]), NOTHING_OUTSTANDING)).toEqual(CONFLICT)
})

test('nothing after nothing is the same record', () => {
  const nothing = { conflicts: [], left: [] }
  expect(stillOutstanding(nothing, undefined, NOTHING_OUTSTANDING)).toBe(nothing)
  expect(stillOutstanding(nothing, new Set(), NOTHING_OUTSTANDING)).toBe(nothing)
})
