import { describe, expect, test } from '@jest/globals'
import { type Flow, flowInstructions, flowKey } from '../../../src/openflow/flow.js'
import type { Change } from '../../../src/plan/plan.js'
import { Quarantine } from '../../../src/reconcile/quarantine.js'
import { type Refusal, refusalOf } from '../../../src/reconcile/refusal.js'
import { MessageRefused } from '../../../src/switch/bundle.js'
import { OpenFlowError } from '../../../src/openflow/connection-errors.js'
import { flowOfText } from '../../support/networks.js'

const S = 1_000
const [TABLE_FULL, UNSUPPORTED] = [1, 0]

/** A flow of the object with this number; 0: of the pipeline. */
function flowFor(object: number, table: number, port = 1): Flow {
  const cookieClass = object === 0 ? '01' : '41'
  const cookie = `0xdf01${cookieClass}000000000${object}`
  return flowOfText(`cookie=${cookie},table=${table}, priority=${object + 1},ip actions=output:${port}`)
}

function add(object: number, table: number, port?: number): Change {
  const flow = flowFor(object, table, port)
  const [key, instructions] = [flowKey(flow), flowInstructions(flow)]
  const at = { file: 'ports.yaml', line: object, column: 1, length: 1 }
  const owner = object === 0 ? undefined : { kind: 'Port', name: `p${object}`, at }
  return { kind: 'add', desired: { flow, key, instructions, reasons: [{ feature: 'f', owner }] } }
}

/** One direction of a connection. */
function half(from: number, to: number): Change {
  const match = `in_port=${from},metadata=0x64,dl_src=fa:16:3e:00:00:0${from},dl_dst=fa:16:3e:00:00:0${to}`
  const text = `cookie=0xdf01810000000001,table=52, priority=9,ip,${match},nw_src=10.0.0.${from},nw_dst=10.0.0.${to}`
  const flow = flowOfText(`${text} actions=output:1`)
  return { kind: 'add', desired: { flow, key: flowKey(flow), instructions: '', reasons: [] } }
}

function refuse(changes: readonly Change[], index: number, errorCode = UNSUPPORTED): Refusal | undefined {
  const error = new OpenFlowError({ type: 'error', errorType: 5, errorCode, data: Buffer.alloc(0) })
  return refusalOf(changes, new MessageRefused(index, error, false))
}

function leftOut(changes: readonly Change[], refusal: Refusal | undefined): readonly number[] | undefined {
  return refusal && changes.flatMap((change, i) => (refusal.changes.has(change) ? [i] : []))
}

describe('a refused change', () => {
  test('takes all others of its object with it, and no more', () => {
    const changes = [add(1, 55), add(2, 55), add(2, 0), add(3, 0)]
    const refusal = refuse(changes, 1)
    expect(leftOut(changes, refusal)).toEqual([1, 2])
    expect([...(refusal?.objects.values() ?? [])]).toEqual([
      {
        owner: expect.objectContaining({ kind: 'Port', name: 'p2' }),
        error: expect.objectContaining({ code: 'FLOW_REFUSED', at: expect.objectContaining({ line: 2 }) }),
      },
    ])
  })

  test('for want of room in its table makes room for whoever is needed more: connections go, then the last objects', () => {
    const changes = [add(1, 55), add(2, 55), add(3, 55), add(4, 0), add(3, 0)]
    expect(leftOut(changes, refuse(changes, 1, TABLE_FULL))).toEqual([1, 2, 4])
    const ofPipeline = [add(1, 52), add(2, 52), add(0, 52)]
    expect(leftOut(ofPipeline, refuse(ofPipeline, 2, TABLE_FULL))).toEqual([1])
    const withConnections = [half(1, 2), add(1, 52), add(2, 52), half(3, 4)]
    expect(leftOut(withConnections, refuse(withConnections, 3, TABLE_FULL))).toEqual([3])
    const bound = [add(1, 52), add(2, 52), { kind: 'delete', installed: flowFor(2, 52, 7) } as const]
    expect(leftOut(bound, refuse(bound, 1, TABLE_FULL))).toEqual([0])
  })

  test('of a connection goes with the other direction, and no object does', () => {
    const changes = [add(1, 52), half(1, 2), half(3, 4), half(2, 1)]
    const refusal = refuse(changes, 1)
    expect(leftOut(changes, refusal)).toEqual([1, 3])
    expect(refusal?.objects.size).toBe(0)
    expect(refusal?.connection).toMatchObject({ code: 'FLOW_REFUSED' })
  })

  test('cannot be left out when flows of its object go or change, nor one of the pipeline', () => {
    expect(refuse([add(1, 55), { kind: 'delete', installed: flowFor(1, 55, 7) }], 0)).toBeUndefined()
    const { desired } = add(1, 0) as Extract<Change, { kind: 'add' }>
    expect(refuse([add(1, 55), { kind: 'modify', desired, installed: flowFor(1, 0, 7) }], 0)).toBeUndefined()
    expect(refuse([add(0, 55)], 0)).toBeUndefined()
  })
})

describe('a quarantine', () => {
  const changes = [add(1, 55), add(2, 55), add(2, 0)]
  const refused = (quarantine: Quarantine, now: number): void => {
    const refusal = refuse(changes, 1)
    if (!refusal) throw new Error('nothing to leave out')
    quarantine.add(refusal, now)
    quarantine.settle(changes, changes.slice(0, 1))
  }

  test('lets all pass before anything was refused', () => {
    expect(new Quarantine().admit(changes, 0)).toBe(changes)
  })

  test('holds the object back for a minute, and twice as long each time, up to ten', () => {
    const quarantine = new Quarantine()
    const tries: number[] = []
    for (let now = 0; now < 3_000 * S; now += 10 * S) {
      if (quarantine.admit(changes, now).length < changes.length) continue
      tries.push(now / S)
      refused(quarantine, now)
    }
    expect(tries).toEqual([0, 60, 180, 420, 900, 1500, 2100, 2700])
  })

  test('lets the object pass as soon as anything else is wanted for it', () => {
    const quarantine = new Quarantine()
    refused(quarantine, 0)
    expect(quarantine.admit(changes, 1)).toEqual([changes[0]])
    const edited = [add(2, 55, 9), add(2, 0)]
    expect(quarantine.admit(edited, 1)).toEqual(edited)
  })

  test('forgets the object when it has its flows, or is wanted no more', () => {
    const quarantine = new Quarantine()
    refused(quarantine, 0)
    expect(quarantine.objects.map(({ owner }) => owner.name)).toEqual(['p2'])
    quarantine.settle(changes, changes)
    expect(quarantine.objects).toEqual([])
    refused(quarantine, 0)
    quarantine.settle([], [])
    expect(quarantine.objects).toEqual([])
  })
})
