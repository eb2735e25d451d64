import { expect, test } from '@jest/globals'
import { pino } from 'pino'
import { ReconcileError } from '../../../src/errors/error.js'
import type { Held } from '../../../src/plan/guard.js'
import { diffFlows } from '../../../src/plan/plan.js'
import { compileModel } from '../../../src/compile/compiler.js'
import { WatchLog } from '../../../src/reconcile/watch-log.js'
import { flowOfText, manifestsOf, topologyOf } from '../../support/networks.js'

/** A log of level info, and its lines. */
function logged(): {
  readonly log: WatchLog
  readonly lines: { level: number; msg: string; conflicts?: object[] }[]
} {
  const lines: { level: number; msg: string }[] = []
  const stream = {
    write: (line: string) => void lines.push(JSON.parse(line) as { level: number; msg: string }),
  }
  return { log: new WatchLog(pino({ level: 'info' }, stream)), lines }
}

const desired = compileModel(topologyOf(manifestsOf()))
const inSync = diffFlows(
  desired,
  [...desired.values()].map(({ flow }) => flow),
)
const taken = flowOfText('table=23,priority=0,cookie=0x5,actions=drop')
const inTheWay = diffFlows(desired, [
  ...[...desired.values()].map(({ flow }) => flow).filter(({ tableId }) => tableId !== 23),
  taken,
])

test('a revision is said once, and again after something was wrong', () => {
  const { log, lines } = logged()
  log.passed(inSync, 'r1', 1, [])
  log.passed(inSync, 'r1', 1, [])
  log.passed(inSync, 'r2', 1, [])
  expect(lines.map(({ msg }) => msg)).toEqual(['in sync', 'in sync'])
  log.lost()
  log.passed(inSync, 'r2', 1, [])
  log.failed(new ReconcileError('OVSDB_UNREACHABLE', 'Nobody answers.'), 200)
  log.passed(inSync, 'r2', 1, [])
  expect(lines.slice(2).map(({ msg }) => msg.split('\n')[0])).toEqual([
    'connection to the switch lost',
    'in sync',
    'OVSDB_UNREACHABLE',
    'in sync',
  ])
})

test('a foreign flow in the way is named, once', () => {
  const { log, lines } = logged()
  log.passed(inTheWay, 'r1', 1, [])
  log.passed(inTheWay, 'r1', 1, [])
  expect(lines).toHaveLength(1)
  expect(lines[0]?.conflicts).toEqual([
    expect.objectContaining({ foreign: 'cookie=0x5, table=23, priority=0 actions=drop' }),
  ])
})

test('what is held is said once for each change of it, with what to do', () => {
  const { log, lines } = logged()
  const held: Held = { objects: new Map([['Port', 1]]), names: ['Port vm1'], blocks: 'nothing' }
  log.held(held)
  log.held({ ...held, objects: new Map(held.objects) })
  expect(lines).toEqual([
    expect.objectContaining({
      level: 40,
      msg: 'held: gone from the manifests, left on the switch: 1 Port (Port vm1)',
      objects: { Port: 1 },
      remedy: expect.stringContaining('--max-deletes 1 to delete it'),
    }),
  ])
  log.held({ ...held, names: ['Port vm2'] })
  log.held(undefined)
  expect(lines).toHaveLength(2)
  log.held({ ...held, names: ['Port vm2'] })
  expect(lines).toHaveLength(3)
})

test('a lock that was left behind is named once', () => {
  const { log, lines } = logged()
  const read = (...staleLocks: readonly string[]) =>
    log.read({ changed: false, problems: [], files: [], staleLocks }, true)
  read('/repo/.git/index.lock')
  read('/repo/.git/index.lock')
  expect(lines.map(({ msg }) => msg)).toEqual([
    expect.stringContaining('/repo/.git/index.lock is older than 60 s'),
  ])
  read()
  read('/repo/.git/index.lock')
  expect(lines).toHaveLength(2)
})
