import { describe, expect, test } from '@jest/globals'
import type { DesiredFlow, DesiredFlows } from '../../../src/compile/desired.js'
import { type Flow, flowInstructions, flowKey } from '../../../src/openflow/flow.js'
import { diffFlows } from '../../../src/plan/plan.js'
import { DriftPolicy, keyOfChange, NO_LISTENER } from '../../../src/reconcile/drift-policy.js'
import { flowOfText } from '../../support/networks.js'

const flow = (priority: number, port: number) =>
  flowOfText(`cookie=0xdf01400000000001,table=1, priority=${priority},ip actions=output:${port}`)
const wanting = (...flows: readonly Flow[]): DesiredFlows =>
  new Map(flows.map(desiredOf).map((each) => [each.key, each]))

function desiredOf(each: Flow): DesiredFlow {
  const [key, instructions] = [flowKey(each), flowInstructions(each)]
  return { flow: each, key, instructions, reasons: [] }
}

const A = flow(1, 1)
const B = flow(2, 1)
const C = flow(3, 1)
const BEFORE = wanting(A, B)

/** Kinds of the changes that are made and left, when the switch holds these flows. */
function judge(
  policy: DriftPolicy,
  before: DesiredFlows | undefined,
  desired: DesiredFlows,
  held: readonly Flow[],
) {
  const { changes, drift, left } = policy.judge(diffFlows(desired, held).changes, before, desired, 0)
  return {
    made: changes.map(({ kind }) => kind),
    drift: drift.map(({ kind }) => kind),
    left: left.map(({ kind }) => kind),
  }
}

describe('drift', () => {
  test('is what differs though nobody asked for anything else', () => {
    const policy = new DriftPolicy('correct')
    expect(judge(policy, BEFORE, BEFORE, [A, C])).toEqual({
      made: ['add', 'delete'],
      drift: ['add', 'delete'],
      left: [],
    })
    expect(judge(policy, BEFORE, wanting(A, flow(2, 9)), [flow(1, 7), B])).toEqual({
      made: ['modify', 'modify'],
      drift: ['modify'],
      left: [],
    })
    expect(judge(policy, undefined, BEFORE, [])).toMatchObject({ made: ['add', 'add'], drift: [] })
  })

  test.each(['warn', 'ignore'] as const)('stays with %s, until something else is asked for', (onDrift) => {
    const policy = new DriftPolicy(onDrift)
    // Equal flows compiled again ask for nothing else.
    expect(judge(policy, BEFORE, wanting({ ...A }, { ...B }), [A, C])).toEqual({
      made: [],
      drift: [],
      left: ['add', 'delete'],
    })
    expect(judge(policy, BEFORE, wanting(A, B, flow(4, 1)), [A])).toMatchObject({
      made: ['add', 'add'],
      left: [],
    })
    expect(judge(policy, BEFORE, wanting(A), [B])).toMatchObject({ made: ['add', 'delete'], left: [] })
    expect(judge(policy, undefined, BEFORE, [A])).toMatchObject({ made: ['add'], left: [] })
  })

  test('of one flow waits when it is fought over; a wish for another flow in its place does not', () => {
    const policy = new DriftPolicy('correct')
    const fights: string[] = []
    const listener = {
      ...NO_LISTENER,
      contended: (found: readonly Parameters<typeof keyOfChange>[0][]) =>
        fights.push(...found.map(keyOfChange)),
    }
    const { changes } = diffFlows(BEFORE, [B])
    for (const now of [0, 10, 20]) policy.repaired(changes, now, listener)
    const key = flowKey(A)
    expect(fights).toEqual([key])
    const judged = policy.judge(diffFlows(BEFORE, []).changes, BEFORE, BEFORE, 30)
    expect(judged.changes.map(keyOfChange)).toEqual([flowKey(B)])
    expect([...judged.postponed]).toEqual([[key, 1_020]])
    expect(judge(policy, BEFORE, wanting(flow(1, 5), B), [B])).toMatchObject({ made: ['add'], drift: [] })
  })
})
