// What is true of the flows of any network at all.
import { fc, test as property } from '@fast-check/jest'
import { expect, test } from '@jest/globals'
import { type CompileMemory, compileModel } from '../../src/compile/compiler.js'
import type { DesiredFlows } from '../../src/compile/desired.js'
import { decode, encode } from '../../src/openflow/codec.js'
import { flowAttributes, flowInstructions, flowKey } from '../../src/openflow/flow.js'
import { OPENFLOW_13, OPENFLOW_15 } from '../../src/openflow/version.js'
import { ASIDE, STAGES, type Table } from '../../src/pipeline/stages.js'
import { desiredFlows } from '../../src/reconcile/planner.js'
import { flowModOf } from '../../src/switch/flow-mods.js'
import { connectionsOf, TIMEOUTS } from '../support/plans.js'
import { type Genome, edit, edited, genome, halvesIn, worldOf } from '../support/worlds.js'

function flowsOf(genes: Genome) {
  const world = worldOf(genes)
  return [...desiredFlows(world, connectionsOf(halvesIn(world)), TIMEOUTS).values()]
}

property.prop([genome, fc.array(edit, { minLength: 1, maxLength: 12 })], { numRuns: 50 })(
  'with any edits, what is remembered gives the same flows as starting from scratch',
  (first, edits) => {
    const memory: CompileMemory = new Map()
    let genes = first
    for (const change of edits) {
      genes = edited(genes, change)
      const world = worldOf(genes)
      expect(shown(compileModel(world, memory))).toEqual(shown(compileModel(world)))
    }
  },
)

/** Each flow with its reasons, as a plan shows them. */
function shown(flows: DesiredFlows) {
  return [...flows.values()].map(({ reasons, ...desired }) => ({
    ...desired,
    reasons: reasons.map(({ feature, owner }) => [feature, owner?.kind, owner?.name, owner?.at]),
  }))
}

test('the generated networks are worth the name: routes, two subnets in a network, overlapping tenants', () => {
  const worlds = fc.sample(genome, 200).map(worldOf)
  const share = (has: (world: (typeof worlds)[number]) => boolean) => worlds.filter(has).length
  expect(share((world) => flowsWithin(world, 100) > 0)).toBeGreaterThan(30)
  expect(share((world) => flowsWithin(world, 40) > 0)).toBeGreaterThan(30)
  expect(share(({ subnets }) => new Set(subnets.map(prefix)).size < subnets.length)).toBeGreaterThan(30)
})

/** Flows of one priority of the routing table. */
function flowsWithin(world: ReturnType<typeof worldOf>, priority: number): number {
  const flows = [...desiredFlows(world, connectionsOf(halvesIn(world)), TIMEOUTS).values()]
  return flows.filter(({ flow }) => flow.tableId === 52 && flow.priority === priority).length
}

function prefix({ subnet }: ReturnType<typeof worldOf>['subnets'][number]): number {
  return subnet.cidr.network
}

property.prop([genome])('no two flows have one key, and the key is that of the flow', (genes) => {
  const flows = flowsOf(genes)
  expect(new Set(flows.map(({ flow }) => flowKey(flow))).size).toBe(flows.length)
  for (const { flow, key } of flows) expect(flowKey(flow)).toBe(key)
})

const tables: readonly Table[] = [...STAGES.flatMap(({ tables: own }): readonly Table[] => own), ...ASIDE]

property.prop([genome])('every flow stands in a table of the pipeline and jumps to a later one', (genes) => {
  const ids = new Set(tables.map(({ id }) => id))
  for (const { flow } of flowsOf(genes)) {
    expect(ids).toContain(flow.tableId)
    for (const instruction of flow.instructions) {
      if (instruction.type !== 'goto_table') continue
      expect(ids).toContain(instruction.tableId)
      expect(instruction.tableId).toBeGreaterThan(flow.tableId)
    }
  }
})

property.prop([genome, fc.constantFrom(OPENFLOW_13, OPENFLOW_15)])(
  'every flow comes out of its own bytes as it was',
  (genes, version) => {
    for (const desired of flowsOf(genes)) {
      const { message } = decode(encode(version, 1, flowModOf({ kind: 'add', desired }, version)))
      if (message.type !== 'flow_mod') throw new Error(message.type)
      expect(flowKey(message)).toBe(desired.key)
      expect(flowInstructions(message)).toBe(desired.instructions)
      expect(flowAttributes(message)).toBe(flowAttributes(desired.flow))
    }
  },
)
