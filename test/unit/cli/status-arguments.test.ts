import { expect, jest, test } from '@jest/globals'
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

test.each([
  [['connections'], { kind: 'connections', settings: { paths: [], kind: undefined, output: 'human' } }],
  [['connections', 'm', '--kind', 'refused', '-o', 'json'], { settings: { paths: ['m'], kind: 'refused' } }],
  [['flush', 'Port/vm1'], { kind: 'flush', settings: { target: { kind: 'Port', name: 'vm1' } } }],
  [['flush', '--all', '--bridge', 'br-2'], { settings: { target: 'all', bridge: 'br-2' } }],
  [['counters', '-o', 'json'], { kind: 'counters', settings: { output: 'json' } }],
  [['--watch', '--pcap', 'f.pcapng', 'm'], { kind: 'run', settings: { pcap: 'f.pcapng' } }],
])('%j is understood', (argv, expected) => {
  expect(parseArguments(argv)).toMatchObject(expected)
})

test.each([
  [['flush'], /either an object or '--all'/],
  [['flush', 'Port/vm1', '--all'], /either an object or '--all'/],
  [['flush', 'vm1'], /'vm1' cannot be flushed. Use one of: Port\/NAME/],
  [['connections', '--kind', 'all'], /Allowed choices are connection, fallback, refused/],
  [['--pcap', 'f.pcapng', 'm'], /'--pcap' needs '--watch'/],
])('%j is refused', (argv, message) => {
  const said: string[] = []
  const write = jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said.push(String(text))
    return true
  })
  try {
    expect(parseArguments(argv)).toEqual({ kind: 'exit', code: 64 })
  } finally {
    write.mockRestore()
  }
  expect(said.join('')).toMatch(message)
})
