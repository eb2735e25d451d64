import { describe, expect, test } from '@jest/globals'
import { desiredFlow, mergeDesired } from '../../../src/compile/desired.js'
import { apply, goto, output } from '../../../src/pipeline/actions.js'
import { flow } from '../../../src/pipeline/flow.js'
import { LAYER2, ROUTING } from '../../../src/pipeline/stages.js'
import { etherType } from '../../../src/pipeline/match.js'
import type { FlowOwner } from '../../../src/pipeline/feature.js'

const LEFT = { name: 'left', id: 1, class: 'model' } as const
const RIGHT = { name: 'right', id: 2, class: 'model' } as const

function owner(name: string): FlowOwner {
  return { kind: 'Router', name, at: { file: 'net.yaml', line: 1, column: 1, length: 1 } }
}

const toLayer2 = flow(ROUTING, 'pair', { match: [etherType('ip')], instructions: [goto('layer2')] })

describe('two slices that want one and the same flow', () => {
  test('get one flow, with both reasons and the cookie of the first', () => {
    const [first, second] = [
      desiredFlow(LEFT, owner('r1'), toLayer2),
      desiredFlow(RIGHT, owner('r2'), toLayer2),
    ]
    const merged = [...mergeDesired([first, second]).values()]
    expect(merged).toEqual([
      {
        ...first,
        reasons: [
          { feature: 'left', owner: owner('r1') },
          { feature: 'right', owner: owner('r2') },
        ],
      },
    ])
    expect(first.flow.cookie).not.toBe(second.flow.cookie)
  })

  test('stay two flows when the priority or the table differs', () => {
    const lower = flow(ROUTING, 'rest', { match: [etherType('ip')], instructions: [goto('layer2')] })
    const elsewhere = flow(LAYER2, 'unicast', { instructions: [] })
    const flows = [toLayer2, lower, elsewhere].map((spec) => desiredFlow(LEFT, undefined, spec))
    expect(mergeDesired(flows).size).toBe(3)
  })
})

test('two slices that want different actions for one match are a bug, and both are named', () => {
  const toPort = flow(ROUTING, 'pair', { match: [etherType('ip')], instructions: [apply(output(1))] })
  const flows = [desiredFlow(LEFT, owner('r1'), toLayer2), desiredFlow(RIGHT, undefined, toPort)]
  expect(() => mergeDesired(flows)).toThrow(
    'left (Router r1) and right want different actions for 52/20/eth_type=0800',
  )
})
