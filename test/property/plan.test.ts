// What a plan promises: after it the switch holds what is wanted, nothing foreign was touched, and there is nothing left
// to do.
import { fc, test as property } from '@fast-check/jest'
import { expect } from '@jest/globals'
import { compileModel } from '../../src/compile/compiler.js'
import { type Flow, flowKey, flowAttributes, flowInstructions } from '../../src/openflow/flow.js'
import { isOurs } from '../../src/pipeline/cookie.js'
import { countPlan } from '../../src/plan/report.js'
import { diffFlows } from '../../src/plan/plan.js'
import { flowModOf } from '../../src/switch/flow-mods.js'
import type { Hex } from '../../src/values/hex.js'
import { FakeSwitch } from '../support/fake-switch.js'
import { flow as anyFlow } from '../support/flows.js'
import { genome, worldOf } from '../support/worlds.js'

/** What may have happened to a flow of ours: nothing, or somebody changed one part of it. */
const damage = fc.constantFrom<(flow: Flow) => readonly Flow[]>(
  (flow) => [flow],
  () => [],
  (flow) => [{ ...flow, instructions: [] }],
  (flow) => [{ ...flow, flags: flow.flags ^ 1 }],
  (flow) => [{ ...flow, idleTimeout: 7 }],
  (flow) => [{ ...flow, priority: flow.priority + 1 }],
  (flow) => [{ ...flow, cookie: `${flow.cookie.slice(0, 15)}f` as Hex }],
  (flow) => [{ ...flow, cookie: '0000000000000007' as Hex }],
)

/** The flows of one network as they are on the switch after some years, with foreign flows between them. */
const installed = fc
  .record({
    genes: genome,
    damages: fc.array(damage, { minLength: 1, maxLength: 20 }),
    foreign: fc.array(anyFlow, { maxLength: 5 }),
  })
  .map(({ genes, damages, foreign }) => {
    const own = [...compileModel(worldOf(genes)).values()]
    const damaged = own.flatMap(({ flow }, i) => damages[i % damages.length]!(flow))
    const strangers = foreign.map((flow) => ({ ...flow, cookie: `00${flow.cookie.slice(2)}` as Hex }))
    return new FakeSwitch([...damaged, ...strangers]).flows
  })

/** All that is compared of a flow, by key. */
function contents(flows: readonly Flow[]): ReadonlyMap<string, readonly string[]> {
  return new Map(flows.map((flow) => [flowKey(flow), [flowInstructions(flow), flowAttributes(flow)]]))
}

property.prop([installed, genome], { numRuns: 100 })(
  'a plan makes any switch hold what any network wants, and touches nothing foreign',
  (before, genes) => {
    const desired = compileModel(worldOf(genes))
    const plan = diffFlows(desired, before)
    const fake = new FakeSwitch(before)
    for (const change of plan.changes) fake.change(flowModOf(change))

    const isForeign = (flow: Flow) => !isOurs(flow.cookie)
    expect(contents(fake.flows.filter(isForeign))).toEqual(contents(before.filter(isForeign)))
    const inTheWay = new Set(plan.conflicts.map((conflict) => conflict.desired.key))
    const wanted = [...desired.values()].filter(({ key }) => !inTheWay.has(key)).map(({ flow }) => flow)
    expect(contents(fake.flows.filter((flow) => !isForeign(flow)))).toEqual(contents(wanted))
    expect(diffFlows(desired, fake.flows)).toEqual({
      changes: [],
      conflicts: plan.conflicts,
      unchanged: wanted.length,
    })
  },
)

property.prop([installed, genome])('a plan accounts for every flow that is wanted', (before, genes) => {
  const desired = compileModel(worldOf(genes))
  const { add, change, unchanged, conflicts } = countPlan(diffFlows(desired, before))
  expect(add + change + unchanged + conflicts).toBe(desired.size)
})

property.prop([genome, genome])(
  'from one network to another no packet would meet a jump to flows that are not there yet',
  (from, to) => {
    const before = [...compileModel(worldOf(from)).values()].map(({ flow }) => flow)
    const { changes } = diffFlows(compileModel(worldOf(to)), before)
    const tablesOf = (kind: 'put' | 'delete') =>
      changes.flatMap((change) =>
        (change.kind === 'delete') === (kind === 'delete') ? [flowModOf(change).tableId] : [],
      )
    expect(changes.slice(tablesOf('put').length).every(({ kind }) => kind === 'delete')).toBe(true)
    expect(tablesOf('put')).toEqual(tablesOf('put').toSorted((a, b) => b - a))
    expect(tablesOf('delete')).toEqual(tablesOf('delete').toSorted((a, b) => a - b))
  },
)
