import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { parseArguments, type Settings } from '../../../src/cli/arguments.js'

const streams = {
  out: process.stdout.write.bind(process.stdout),
  err: process.stderr.write.bind(process.stderr),
}
const environment = { ...process.env }
let out = ''
let err = ''

beforeEach(() => {
  out = ''
  err = ''
  process.stdout.write = (text) => Boolean((out += String(text)))
  process.stderr.write = (text) => Boolean((err += String(text)))
})

afterEach(() => {
  process.stdout.write = streams.out
  process.stderr.write = streams.err
  process.env = { ...environment }
})

function settings(...argv: readonly string[]): Settings {
  const parsed = parseArguments(argv)
  if (parsed.kind === 'exit') throw new Error(`exit ${parsed.code}: ${err}`)
  return parsed.settings
}

/** What is said of words that are wrong. */
function complaint(...argv: readonly string[]): string {
  expect(parseArguments(argv)).toEqual({ kind: 'exit', code: 64 })
  expect(err).toContain('Use --help for all options.')
  expect(out).toBe('')
  return err
}

describe('without options', () => {
  test('a run applies once, on br-int, for people', () => {
    expect(settings('manifests/')).toMatchObject({
      paths: ['manifests/'],
      mode: 'apply',
      bridge: 'br-int',
      against: 'switch',
      detailedExitcode: false,
      outputs: [{ format: 'human', file: undefined }],
      sweepInterval: 60,
      color: 'auto',
      level: 'info',
    })
  })

  test('nothing is said of node, sockets, datapath, configuration and timeouts', () => {
    const given = settings()
    expect(given.paths).toEqual([])
    for (const name of [
      'node',
      'ovsdb',
      'openflow',
      'datapathType',
      'config',
      'idleTimeout',
      'hardTimeout',
    ] as const) {
      expect(given[name]).toBeUndefined()
    }
  })
})

describe('a mode', () => {
  test('is a dry run or the daemon when asked for', () => {
    expect(settings('--dry-run').mode).toBe('dry-run')
    expect(settings('--watch').mode).toBe('watch')
  })

  test('cannot be both', () => {
    expect(complaint('--dry-run', '--watch')).toContain("'--dry-run' cannot be used with option '--watch'")
  })

  test.each([['--against', 'empty'], ['--detailed-exitcode'], ['--port-map', 'tap-1=1']])(
    'that changes the switch does not take %s, which speaks of a comparison',
    (...argv) => {
      expect(complaint(...argv)).toContain("needs '--dry-run'")
    },
  )
})

describe('an output', () => {
  test('may be repeated, and goes to a file where it names one', () => {
    expect(settings('-o', 'json=plan=1.json', '-o', 'ofctl').outputs).toEqual([
      { format: 'json', file: 'plan=1.json' },
      { format: 'ofctl', file: undefined },
    ])
  })

  test('has one of three formats', () => {
    expect(complaint('-o', 'yaml')).toContain('Use one of: human, json, ofctl.')
  })

  test('names the file after the sign', () => {
    expect(complaint('-o', 'json=')).toContain('Name a file')
  })
})

describe('a port map', () => {
  test('gives each interface its number', () => {
    const { portMap } = settings('--dry-run', '--port-map', 'tap-vm1=11,a=b=12')
    expect([...portMap]).toEqual([
      ['tap-vm1', 11],
      ['a=b', 12],
    ])
  })

  test.each(['tap-vm1', 'tap-vm1=', '=11', 'tap-vm1=0', 'tap-vm1=65280', 'tap-vm1=0x1', 'a=1,,b=2'])(
    'is refused as %s',
    (text) => {
      expect(complaint('--dry-run', '--port-map', text)).toContain('is not NAME=NUMBER')
    },
  )

  test('gives no number twice', () => {
    expect(complaint('--dry-run', '--port-map', 'a=1,b=1')).toContain(
      'Two interfaces cannot have the same number.',
    )
  })
})

describe('deletions', () => {
  test('are limited by a number or a share, and as usual where nothing is said', () => {
    expect(settings().maxDeletes).toBeUndefined()
    expect(settings('--max-deletes', '0').maxDeletes).toEqual({ objects: 0 })
    expect(settings('--watch', '--max-deletes', '100%').maxDeletes).toEqual({ percent: 100 })
  })

  test.each(['101%', '-1', 'all', ''])('are not limited by %j', (text) => {
    expect(complaint(`--max-deletes=${text}`)).toContain(
      'Use a number of objects, or a share of them: 12 or 30%.',
    )
  })
})

describe('seconds', () => {
  test('are whole, from none to what OpenFlow can hold', () => {
    expect(settings('--idle-timeout', '0', '--hard-timeout', '65535')).toMatchObject({
      idleTimeout: 0,
      hardTimeout: 65535,
    })
  })

  test.each(['-1', '65536', '1.5', '1e3', 'forever', ''])('are not %s', (text) => {
    expect(complaint(`--idle-timeout=${text}`)).toContain('Use a whole number of seconds, 0 to 65535.')
  })
})

describe('the environment', () => {
  test('says what no option says', () => {
    process.env.RECONCILE_NODE = 'node-b'
    process.env.RECONCILE_IDLE_TIMEOUT = '30'
    expect(settings()).toMatchObject({ node: 'node-b', idleTimeout: 30 })
    expect(settings('--node', 'node-a', '--idle-timeout', '60')).toMatchObject({
      node: 'node-a',
      idleTimeout: 60,
    })
  })

  test('is checked like an option', () => {
    process.env.RECONCILE_SWEEP_INTERVAL = 'often'
    expect(complaint()).toContain('RECONCILE_SWEEP_INTERVAL')
  })
})

test('quiet says errors alone, verbose says more', () => {
  expect(settings('-q').level).toBe('error')
  expect(settings('-v').level).toBe('debug')
  expect(settings('-q').outputs).toEqual([])
  expect(settings('-q', '--dry-run').outputs).toHaveLength(1)
})

test('help and version go to standard output, and are no failure', () => {
  expect(parseArguments(['--help'])).toEqual({ kind: 'exit', code: 0 })
  expect(out).toContain('Exit codes:')
  out = ''
  expect(parseArguments(['--version'])).toEqual({ kind: 'exit', code: 0 })
  expect(out).toMatch(/^\d+\.\d+\.\d+\n$/)
  expect(err).toBe('')
})

test('an option that is nearly right is answered with the right one', () => {
  expect(complaint('--dryrun')).toContain('--dry-run')
})
