import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { parseArguments, type Request, type Settings } from '../../../src/cli/arguments.js'
import type { DiffSettings } from '../../../src/cli/diff-arguments.js'
import type { DumpSettings } from '../../../src/cli/dump-arguments.js'
import { OPENFLOW_13, OPENFLOW_14, OPENFLOW_15 } from '../../../src/openflow/version.js'

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
  return request('run', ...argv).settings
}

/** What these words ask for, which has to be of that kind. */
function request<K extends Request['kind']>(
  kind: K,
  ...argv: readonly string[]
): Extract<Request, { readonly kind: K }> {
  const parsed = parseArguments(argv)
  if (parsed.kind === 'exit') throw new Error(`exit ${parsed.code}: ${err}`)
  expect(parsed.kind).toBe(kind)
  return parsed as Extract<Request, { readonly kind: K }>
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
      'maxConnections',
      'packetInRate',
      'packetInBurst',
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

describe('packets to the controller', () => {
  test('are a whole number, and at least one at once', () => {
    const given = settings('--packet-in-rate', '0', '--packet-in-burst', '1000000')
    expect(given).toMatchObject({ packetInRate: 0, packetInBurst: 1_000_000 })
  })

  test.each(['-1', '1000001', '1.5', '1e3', 'any', ''])('are not %s', (text) => {
    expect(complaint(`--packet-in-rate=${text}`)).toContain('Use a whole number, 0 to 1000000.')
  })

  test('at once are not none', () => {
    expect(complaint('--packet-in-burst', '0')).toContain('Use a whole number, 1 to 1000000.')
  })
})

describe('the node', () => {
  test('is one name, or several with the switch of each', () => {
    expect(settings('--node', 'a')).toMatchObject({ node: 'a', nodes: [] })
    expect(settings('--node', 'a=unix:/a', '--node', 'b=unix:/b')).toMatchObject({
      node: undefined,
      nodes: [
        { name: 'a', ovsdb: 'unix:/a' },
        { name: 'b', ovsdb: 'unix:/b' },
      ],
    })
  })

  test.each([
    [['--node', 'a', '--node', 'b'], 'Use NAME once'],
    [['--node', 'a', '--node', 'b=unix:/b'], 'Use NAME once'],
    [['--node', 'a=unix:/a', '--node', 'b'], 'Use NAME once'],
    [['--node', ''], "'--node' has an empty name"],
    [['--node', '', '--node', 'a'], 'Use NAME once'],
  ])('is not %j', (argv, message) => {
    expect(complaint(...argv)).toContain(message)
    expect(complaint('drift', ...argv)).toContain(message)
  })

  test('that the environment leaves empty is not given', () => {
    process.env.RECONCILE_NODE = ''
    expect(settings().node).toBeUndefined()
    expect(settings('--node', 'a').node).toBe('a')
  })
})

test('a bridge counts as given by the option and by the environment, not by default', () => {
  expect(settings().isBridgeGiven).toBe(false)
  expect(settings('--bridge', 'br-int').isBridgeGiven).toBe(true)
  process.env.RECONCILE_BRIDGE = 'br-int'
  expect(settings().isBridgeGiven).toBe(true)
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

describe('a verb', () => {
  const dump = (...argv: readonly string[]): DumpSettings => request('dump', 'dump', ...argv).settings
  const diff = (...argv: readonly string[]): DiffSettings => request('diff', 'diff', ...argv).settings

  test('is the first word; a path of that name has a folder before it, or another path', () => {
    expect(settings('./dump').paths).toEqual(['./dump'])
    expect(settings('manifests', 'dump').paths).toEqual(['manifests', 'dump'])
    expect(dump('dump').filter).toBe('dump')
  })

  test('stands in the help, and has help of its own', () => {
    expect(parseArguments(['--help'])).toEqual({ kind: 'exit', code: 0 })
    expect(out).toMatch(/dump .*Prints the flows/)
    expect(out).toMatch(/diff .*Compares flows/)
    for (const verb of ['dump', 'diff']) {
      out = ''
      expect(parseArguments([verb, '--help'])).toEqual({ kind: 'exit', code: 0 })
      expect(out).toContain(`Usage: reconcile ${verb} [options]`)
      expect(out).toContain('Exit codes:')
      expect(out).toContain('RECONCILE_BRIDGE')
    }
    expect(err).toBe('')
  })

  test.each([
    [['--bridge', 'br-x', 'dump'], '--bridge', 'dump'],
    [['-q', 'diff', 'switch', 'empty'], '--quiet', 'diff'],
    [['--dry-run', 'dump'], '--dry-run', 'dump'],
  ])('has its options behind it, not as %j', (argv, option, verb) => {
    expect(complaint(...argv)).toContain(`option '${option}' has to stand behind '${verb}'`)
  })

  test('knows no options of others', () => {
    expect(complaint('dump', '--watch')).toContain("unknown option '--watch'")
    expect(complaint('diff', '--dry-run', 'switch', 'empty')).toContain("unknown option '--dry-run'")
  })

  test('dump prints all flows of br-int as ovs-ofctl does, in the best version', () => {
    expect(dump()).toEqual({
      filter: undefined,
      versions: [OPENFLOW_15, OPENFLOW_14, OPENFLOW_13],
      output: 'ofctl',
      names: false,
      stats: false,
      sort: false,
      bridge: 'br-int',
    })
  })

  test('dump takes a match and a version', () => {
    process.env.RECONCILE_BRIDGE = 'br-ex'
    expect(dump('-O', 'OpenFlow13', '--names', 'table=52,ip', '-o', 'json')).toMatchObject({
      filter: 'table=52,ip',
      versions: [OPENFLOW_13],
      output: 'json',
      names: true,
      bridge: 'br-ex',
    })
  })

  test.each(['OpenFlow10', 'OpenFlow12', 'OpenFlow16', '1.5', ''])('dump does not speak %j', (version) => {
    expect(complaint('dump', '-O', version)).toContain(
      'Allowed choices are OpenFlow13, OpenFlow14, OpenFlow15',
    )
  })

  test('dump takes one match', () => {
    expect(complaint('dump', 'table=1', 'table=2')).toContain('too many arguments')
  })

  test('diff takes two sources, each a switch, a file or nothing', () => {
    expect(diff('switch', 'file:a:b=c')).toMatchObject({
      a: { kind: 'switch' },
      b: { kind: 'file', file: 'a:b=c' },
      portMap: new Map(),
      color: 'auto',
      quiet: false,
    })
    expect(diff('file:-', 'empty', '-q')).toMatchObject({
      a: { kind: 'file', file: '-' },
      b: { kind: 'empty' },
      quiet: true,
    })
  })

  test.each([
    [[], "missing required argument 'A'"],
    [['switch'], "missing required argument 'B'"],
    [['switch', 'empty', 'empty'], 'too many arguments'],
    [['br-int', 'empty'], 'Use switch, file:FILE or empty.'],
    [['switch', 'file:'], 'Use switch, file:FILE or empty.'],
    [['file:-', 'file:-'], "only one side can be 'file:-'"],
  ])('diff refuses %j', (argv, message) => {
    expect(complaint('diff', ...argv)).toContain(message)
  })
})
