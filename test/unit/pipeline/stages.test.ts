import { describe, expect, test } from '@jest/globals'
import { fieldNamed } from '../../../src/openflow/fields/fields.js'
import { goto } from '../../../src/pipeline/actions.js'
import {
  ASIDE,
  firstTableFrom,
  type Stage,
  STAGES,
  type Table,
  TUNNEL_STAGES,
} from '../../../src/pipeline/stages.js'

const stages: readonly Stage[] = STAGES
const passed = stages.flatMap(({ tables }) => tables)
const all: readonly Table[] = [...passed, ...ASIDE]

describe('the stages', () => {
  test('come in the order in which packets meet them, so that table numbers only grow', () => {
    const ids = passed.map(({ id }) => id)
    expect(ids).toEqual([0, 1, 2, 40, 51, 52, 53, 54, 55, 56, 60])
    expect(ids).toEqual([...ids].sort((a, b) => a - b))
  })

  test('name those that are still empty', () => {
    expect(stages.filter(({ tables }) => tables.length === 0).map(({ name }) => name)).toEqual([
      'egress-filter',
      'ingress-filter',
    ])
  })

  test('lead on from an empty one to the next that has a table', () => {
    expect(firstTableFrom('spoofed').id).toBe(2)
    expect(firstTableFrom('egress-filter').id).toBe(40)
    expect(firstTableFrom('classify').id).toBe(40)
    expect(firstTableFrom('ingress-filter').id).toBe(60)
    expect(goto('egress-filter')).toEqual({ type: 'goto_table', tableId: 40 })
  })
})

describe('the tunnel bridge', () => {
  const stages: readonly Stage[] = TUNNEL_STAGES
  const tables = stages.flatMap((stage) => stage.tables)

  test('has tables of its own, in the order in which packets meet them', () => {
    expect(tables.map(({ id }) => id)).toEqual([0, 4, 10, 20])
    expect(goto('departures')).toEqual({ type: 'goto_table', tableId: 20 })
  })

  test('shares no name of a stage with the integration bridge, so that a jump stays on its bridge', () => {
    const names = [...STAGES, ...TUNNEL_STAGES].map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  test('matches fields that there are', () => {
    for (const name of tables.flatMap(({ matches }) => matches)) expect(fieldNamed(name).name).toBe(name)
  })
})

describe('the tables', () => {
  test('have numbers of their own', () => {
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
  })

  test('keep the numbers of the post, with four of ours between them', () => {
    const added = [1, 2, 54, 56]
    expect(all.map(({ id }) => id).sort((a, b) => a - b)).toEqual(
      [0, 23, 40, 51, 52, 53, 55, 60, ...added].sort((a, b) => a - b),
    )
  })

  test('match fields that there are', () => {
    for (const name of all.flatMap(({ matches }) => matches)) expect(fieldNamed(name).name).toBe(name)
  })

  test('have priorities of their own within a table, and 16 bits for each', () => {
    for (const { priorities } of all) {
      const numbers = Object.values(priorities)
      expect(new Set(numbers).size).toBe(numbers.length)
      for (const number of numbers) expect(number).toBeLessThanOrEqual(0xffff)
    }
  })

  test('give routing the four priorities of the post', () => {
    const routing = all.find(({ id }) => id === 52)
    expect(routing?.priorities).toMatchObject({ rest: 1, pair: 20, ownSubnet: 30, connection: 100 })
  })
})
