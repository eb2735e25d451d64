import { expect, test } from '@jest/globals'
import { parseArguments } from '../../../src/cli/arguments.js'

const settingsOf = (...argv: readonly string[]) => {
  const parsed = parseArguments(argv)
  if (parsed.kind === 'exit') throw new Error(`exit ${parsed.code}`)
  return { kind: parsed.kind, ...parsed.settings }
}

test('status asks the daemon of br-int once, for people', () => {
  expect(settingsOf('status')).toMatchObject({
    kind: 'status',
    ...{ bridge: 'br-int', output: 'human', wait: 0, all: false },
  })
})

test.each([
  [['--wait'], 60],
  [['--wait=10'], 10],
  [['--wait', '0.5'], 0.5],
  [['--wait', '-o', 'json'], 60],
])('status %j waits for %d s', (argv, wait) => {
  expect(settingsOf('status', ...argv)).toMatchObject({ wait })
})

test('status shows all objects by either option', () => {
  expect(settingsOf('status', '--all')).toMatchObject({ all: true })
  expect(settingsOf('status', '-v')).toMatchObject({ all: true })
})

test.each([
  [['suspend', '--reason', 'a drill'], { verb: 'suspend', reason: 'a drill' }],
  [['resume', '--socket', '/s'], { verb: 'resume', socket: '/s' }],
  [['reconcile-now', '--bridge', 'br-2'], { verb: 'reconcile', bridge: 'br-2' }],
])('%j is a request to the daemon', (argv, expected) => {
  expect(settingsOf(...argv)).toMatchObject({ kind: 'control', ...expected })
})

test('--socket is where a daemon serves', () => {
  expect(settingsOf('--watch', '--socket', '/s', 'm')).toMatchObject({ kind: 'run', socket: '/s' })
})
