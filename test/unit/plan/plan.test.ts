import { describe, expect, test } from '@jest/globals'
import { type DesiredFlows, mergeDesired } from '../../../src/compile/desired.js'
import { type Flow, flowInstructions, flowKey } from '../../../src/openflow/flow.js'
import { diffFlows, flowOf } from '../../../src/plan/plan.js'
import { flowOfText, flowText } from '../../support/networks.js'

const OURS = 'cookie=0xdf01400000000001'
const FOREIGN = 'cookie=0x7'

function desired(...texts: readonly string[]): DesiredFlows {
  return mergeDesired(
    texts.map(flowOfText).map((flow: Flow) => ({
      flow,
      key: flowKey(flow),
      instructions: flowInstructions(flow),
      reasons: [{ feature: 'test', owner: undefined }],
    })),
  )
}

/** What changes between wanted and present flows, a word and a flow each. */
function diff(wanted: readonly string[], present: readonly string[]) {
  const { changes, conflicts, unchanged } = diffFlows(desired(...wanted), present.map(flowOfText))
  return {
    changes: changes.map((change) => `${change.kind} ${flowText(flowOf(change))}`),
    conflicts: conflicts.map(({ installed }) => flowText(installed)),
    unchanged,
  }
}

const FLOW = 'table=52, priority=20,ip,metadata=0x1,nw_dst=10.2.0.0/24'

describe('a flow that is wanted', () => {
  test('and absent is added', () => {
    expect(diff([`${OURS},${FLOW} actions=goto_table:55`], [])).toEqual({
      changes: [`add ${FLOW} actions=goto_table:55`],
      conflicts: [],
      unchanged: 0,
    })
  })

  test('and there is left alone, however it is spelled', () => {
    const spelled = `${OURS},table=52,priority=20,dl_type=0x800,metadata=1/0xffffffffffffffff,nw_dst=10.2.0.77/24 actions=goto_table:55`
    expect(diff([`${OURS},${FLOW} actions=goto_table:55`], [spelled])).toEqual({
      changes: [],
      conflicts: [],
      unchanged: 1,
    })
  })

  test('with other actions is modified, so that its counters go on', () => {
    expect(diff([`${OURS},${FLOW} actions=goto_table:55`], [`${OURS},${FLOW} actions=drop`])).toMatchObject({
      changes: [`modify ${FLOW} actions=goto_table:55`],
      unchanged: 0,
    })
  })

  test('with the same actions in another order is modified: they are done one after the other', () => {
    expect(
      diff([`${OURS},${FLOW} actions=output:1,output:2`], [`${OURS},${FLOW} actions=output:2,output:1`]),
    ).toMatchObject({ changes: [`modify ${FLOW} actions=output:1,output:2`] })
  })

  test.each([
    ['cookie', 'cookie=0xdf01400000000002'],
    ['idle_timeout', `${OURS},idle_timeout=300`],
    ['hard_timeout', `${OURS},hard_timeout=1`],
    ['importance', `${OURS},importance=1`],
    ['send_flow_rem', `${OURS},send_flow_rem`],
  ])('with another %s is replaced, as a modification changes none of that', (_, attributes) => {
    const { changes } = diff([`${OURS},${FLOW} actions=drop`], [`${attributes},${FLOW} actions=drop`])
    expect(changes).toEqual([`replace ${FLOW} actions=drop`])
  })

  test('with another cookie and other actions is replaced once', () => {
    const { changes } = diff(
      [`${OURS},${FLOW} actions=drop`],
      [`cookie=0xdf01400000000002,${FLOW} actions=goto_table:55`],
    )
    expect(changes).toEqual([`replace ${FLOW} actions=drop`])
  })

  test.each(['check_overlap', 'reset_counts'])(
    'is the same flow whether or not it was added with %s',
    (flag) => {
      expect(diff([`${OURS},${FLOW} actions=drop`], [`${OURS},${flag},${FLOW} actions=drop`])).toMatchObject({
        changes: [],
        unchanged: 1,
      })
    },
  )
})

describe('a flow that is not wanted', () => {
  test('is deleted when it is ours', () => {
    expect(diff([], [`${OURS},${FLOW} actions=drop`])).toEqual({
      changes: [`delete ${FLOW} actions=drop`],
      conflicts: [],
      unchanged: 0,
    })
  })

  test('stays when it is foreign', () => {
    expect(diff([], [`${FOREIGN},${FLOW} actions=drop`, 'priority=0 actions=NORMAL'])).toEqual({
      changes: [],
      conflicts: [],
      unchanged: 0,
    })
  })
})

test('a foreign flow in the place of ours is a conflict, and neither is touched, even with the same actions', () => {
  expect(diff([`${OURS},${FLOW} actions=drop`], [`${FOREIGN},${FLOW} actions=drop`])).toEqual({
    changes: [],
    conflicts: [`${FLOW} actions=drop`],
    unchanged: 0,
  })
})

test('a foreign flow of another priority is no conflict', () => {
  const higher = `${FOREIGN},${FLOW.replace('priority=20', 'priority=21')} actions=drop`
  expect(diff([`${OURS},${FLOW} actions=drop`], [higher])).toMatchObject({
    conflicts: [],
    changes: [`add ${FLOW} actions=drop`],
  })
})

test('additions come first and from the last table, deletions after them and from the first', () => {
  const at = (table: number, priority: number) => `${OURS},table=${table},priority=${priority} actions=drop`
  const wanted = [at(0, 5), at(60, 1), at(60, 9), at(40, 1)]
  const present = [at(60, 3), at(0, 3), at(40, 4), at(40, 5)]
  expect(diff(wanted, present).changes.map((text) => text.replace(' actions=drop', ''))).toEqual([
    'add table=60, priority=9',
    'add table=60, priority=1',
    'add table=40, priority=1',
    'add priority=5',
    'delete priority=3',
    'delete table=40, priority=5',
    'delete table=40, priority=4',
    'delete table=60, priority=3',
  ])
})

test('a plan counts what is as it should be', () => {
  const at = (table: number) => `${OURS},table=${table} actions=drop`
  expect(diff([at(1), at(2), at(3)], [at(2), at(3), at(4), `${FOREIGN},table=5 actions=drop`])).toMatchObject(
    {
      unchanged: 2,
      changes: ['add table=1, actions=drop', 'delete table=4, actions=drop'],
    },
  )
})
