// A mirror follows a switch through news that come late: whatever happens, in whatever order, it says what the switch
// holds, or that it does not know.
import { fc, test as property } from '@fast-check/jest'
import { expect } from '@jest/globals'
import type { DesiredFlow } from '../../src/compile/desired.js'
import { type Flow, flowAttributes, flowInstructions, flowKey } from '../../src/openflow/flow.js'
import type { FlowUpdate } from '../../src/openflow/messages/flow-monitor.js'
import { isOurs } from '../../src/pipeline/cookie.js'
import type { Change } from '../../src/plan/plan.js'
import { type Recording, TableMirror } from '../../src/switch/mirror.js'
import { flowOfText } from '../support/networks.js'

/** One of three places with one of three owners, some actions and flags. */
const COOKIES = ['cookie=0xdf01400000000001', 'cookie=0xdf01400000000002', 'cookie=0x7']
const flow = fc
  .record({
    place: fc.nat({ max: 2 }),
    owner: fc.nat({ max: 2 }),
    port: fc.nat({ max: 1 }),
    flags: fc.nat({ max: 1 }),
  })
  .map(({ place, owner, port, flags }): Flow => {
    const text = `${COOKIES[owner] ?? ''},table=1, priority=${place + 1},ip actions=output:${port + 1}`
    return { ...flowOfText(text), flags }
  })

type Step =
  | { readonly kind: 'others' | 'own'; readonly verb: 'add' | 'modify' | 'delete'; readonly flow: Flow }
  | { readonly kind: 'hear' | 'dump' | 'pause' | 'distrust' }

const verb = fc.constantFrom('add' as const, 'modify' as const, 'delete' as const)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('others' as const), verb, flow }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('own' as const), verb, flow }) },
  { weight: 4, arbitrary: fc.constant({ kind: 'hear' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'dump' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'pause' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'distrust' as const }) },
)

/** A switch whose news wait in a queue until the other side hears them, as OpenFlow 1.5.1, section 7.3.5.17 has it. */
class Scene {
  readonly mirror = new TableMirror()
  readonly table = new Map<string, Flow>()
  readonly #news: (() => void)[] = []
  #xid = 0
  #isBusy = false
  #changedInPause: Set<string> | undefined

  do(step: Step): void {
    if (step.kind === 'others') this.#others(step.verb, step.flow)
    else if (step.kind === 'own') this.#own(step.verb, step.flow)
    else if (step.kind === 'hear') this.#news.shift()?.()
    else if (step.kind === 'dump') this.dump()
    else if (step.kind === 'pause') this.#pause()
    else this.mirror.distrust()
  }

  dump(): void {
    if (this.#isBusy) return
    this.#isBusy = true
    const since: Recording = this.mirror.record()
    const flows = [...this.table.values()]
    const fill = () => {
      this.mirror.fill(flows, since)
      this.#isBusy = false
    }
    // Whoever waits for an answer goes on only after what came in one piece with it has been heard.
    this.#news.push(() => this.#news.splice(2, 0, fill))
  }

  hearAll(): void {
    this.#resume()
    while (this.#news.length > 0) this.#news.shift()?.()
  }

  #tell(update: FlowUpdate): void {
    this.#news.push(() => this.mirror.apply(update))
  }

  /** While it pauses, a switch tells of removals alone; afterwards of all that came or changed meanwhile. */
  #pause(): void {
    if (this.#changedInPause) {
      this.#resume()
      return
    }
    this.#changedInPause = new Set()
    this.#tell({ event: 'paused' })
  }

  #resume(): void {
    const changed = this.#changedInPause
    this.#changedInPause = undefined
    if (!changed) return
    for (const key of changed) {
      const there = this.table.get(key)
      if (there) this.#tell({ event: 'added', ...contentOf(there) })
    }
    this.#tell({ event: 'resumed' })
  }

  #put(key: string, event: 'added' | 'modified', after: Flow, tells = true): void {
    this.table.set(key, after)
    if (this.#changedInPause) this.#changedInPause.add(key)
    else if (tells) this.#tell({ event, ...contentOf(after) })
  }

  #others(verb: 'add' | 'modify' | 'delete', wanted: Flow): void {
    const key = flowKey(wanted)
    const present = this.table.get(key)
    if (verb === 'add') this.#put(key, 'added', wanted)
    if (verb === 'modify' && present)
      this.#put(key, 'modified', { ...present, instructions: wanted.instructions })
    if (verb === 'delete' && present) {
      this.table.delete(key)
      // Of a flow that came in the pause the other side knows nothing.
      if (!this.#changedInPause?.delete(key)) this.#tell({ event: 'removed', ...contentOf(present) })
    }
  }

  /** What a pass would send for flows of ours, by what it believes; the switch passes over the flows of others. */
  #own(verb: 'add' | 'modify' | 'delete', wanted: Flow): void {
    const key = flowKey(wanted)
    const installed = this.mirror.flows.get(key) ?? wanted
    if (this.#isBusy || !isOurs(wanted.cookie) || !isOurs(installed.cookie)) return
    this.#isBusy = true
    const desired = asDesired(wanted)
    const change: Change =
      verb === 'add'
        ? { kind: 'add', desired }
        : verb === 'modify'
          ? { kind: 'modify', desired, installed }
          : { kind: 'delete', installed }
    const xid = ++this.#xid
    this.mirror.expect({ first: xid, count: 1 }, [change])
    const present = this.table.get(key)
    const happens = verb === 'add' || (present !== undefined && isOurs(present.cookie))
    if (verb === 'add') this.#put(key, 'added', wanted, false)
    else if (happens && present && verb === 'modify')
      this.#put(key, 'modified', { ...present, instructions: wanted.instructions }, false)
    else if (happens) {
      this.table.delete(key)
      this.#changedInPause?.delete(key)
    }
    if (happens && !this.#changedInPause) this.#tell({ event: 'abbrev', xid })
    this.#news.push(() => {
      this.mirror.endExpectation(false)
      this.#isBusy = false
    })
  }
}

function contentOf({ tableId, priority, cookie, idleTimeout, hardTimeout, match, instructions }: Flow) {
  return { tableId, priority, cookie, idleTimeout, hardTimeout, match, instructions, reason: 0 }
}

function asDesired(wanted: Flow): DesiredFlow {
  return {
    flow: wanted,
    key: flowKey(wanted),
    instructions: flowInstructions(wanted),
    reasons: [],
  }
}

/** All that is compared of a flow; its flags only where the mirror says that it knows them. */
function told(flows: ReadonlyMap<string, Flow>, mirror: TableMirror) {
  return [...flows]
    .map(([key, each]) => [
      key,
      flowInstructions(each),
      flowAttributes({ ...each, flags: mirror.isUnsure(key) ? 0 : each.flags }),
    ])
    .sort()
}

property.prop([fc.array(step, { maxLength: 40 })], { numRuns: 500 })(
  'a mirror that says it is complete says what the switch holds',
  (steps) => {
    const scene = new Scene()
    scene.dump()
    for (const each of steps) scene.do(each)
    scene.hearAll()
    const { mirror, table } = scene
    if (mirror.isComplete) expect(told(mirror.flows, mirror)).toEqual(told(table, mirror))
    scene.dump()
    scene.hearAll()
    expect(mirror.isComplete).toBe(true)
    expect(told(mirror.flows, mirror)).toEqual(told(table, mirror))
  },
)

property.prop([
  fc.array(
    step.filter(({ kind }) => kind !== 'pause' && kind !== 'distrust'),
    { maxLength: 40 },
  ),
])('and it stays complete while nothing is lost and all of ours is named', (steps) => {
  const scene = new Scene()
  scene.dump()
  scene.hearAll()
  for (const each of steps) if (each.kind !== 'own' || each.verb === 'add') scene.do(each)
  scene.hearAll()
  expect(scene.mirror.isComplete).toBe(true)
})
