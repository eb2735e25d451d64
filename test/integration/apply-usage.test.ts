// How the program behaves as a command: wrong usage, help, files that cannot be read or written, readers that go away.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CLI, runCli } from '../support/cli.js'
import { type Finished, run } from '../support/processes.js'

const EXAMPLE = fileURLToPath(new URL('../../examples/two-networks', import.meta.url))
const EMPTY = ['--dry-run', '--against', 'empty'] as const

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'usage-'))
})

afterAll(() => rm(folder, { recursive: true }))

/** Runs where no switch can be found. */
async function reconcile(...args: readonly string[]): Promise<Finished> {
  return runCli(args, { cwd: folder, env: { OVS_RUNDIR: join(folder, 'run') } })
}

describe('wrong usage', () => {
  test.each([
    ['an unknown flag', ['--dry-runn', EXAMPLE], /unknown option '--dry-runn'\n\(Did you mean --dry-run\?\)/],
    [
      'two modes at once',
      ['--dry-run', '--watch', EXAMPLE],
      /'--dry-run' cannot be used with option '--watch'/,
    ],
    ['a comparison without --dry-run', ['--against', 'empty', EXAMPLE], /'--against' needs '--dry-run'/],
    [
      '--detailed-exitcode alone',
      ['--detailed-exitcode', EXAMPLE],
      /'--detailed-exitcode' needs '--dry-run'/,
    ],
    ['a port map alone', ['--port-map', 'tap-vm1=1', EXAMPLE], /'--port-map' needs '--dry-run'/],
    [
      'a port map without a number',
      [...EMPTY, '--port-map', 'tap-vm1', EXAMPLE],
      /"tap-vm1" is not NAME=NUMBER/,
    ],
    ['a port map with port 0', [...EMPTY, '--port-map', 'a=0', EXAMPLE], /with a number of 1 to 65279/],
    ['a port map with a reserved port', [...EMPTY, '--port-map', 'a=65280', EXAMPLE], /1 to 65279/],
    [
      'two interfaces of one number',
      [...EMPTY, '--port-map', 'a=1,b=1', EXAMPLE],
      /Two interfaces cannot have/,
    ],
    ['an unknown format', [...EMPTY, '-o', 'yaml', EXAMPLE], /Use one of: human, json, ofctl/],
    ['a format with no file after =', [...EMPTY, '-o', 'json=', EXAMPLE], /Name a file after "json="/],
    [
      'a timeout that is no number',
      ['--idle-timeout', 'soon', EXAMPLE],
      /whole number of seconds, 0 to 65535/,
    ],
    ['a timeout of 17 bits', ['--hard-timeout', '65536', EXAMPLE], /whole number of seconds, 0 to 65535/],
    ['an option without its value', [EXAMPLE, '--bridge'], /argument missing/],
  ])('%s exits 64, says what, and points to --help', async (_, args, said) => {
    const { code, stdout, stderr } = await reconcile(...args)
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' })
    expect(stderr).toMatch(said)
    expect(stderr).toMatch(/^error: .*[^]*\nUse --help for all options\.\n$/)
  })

  test.each([
    [
      'an unknown thing to compare with',
      ['--dry-run', '--against', 'nonsense', EXAMPLE],
      'empty, file:DUMP or switch',
    ],
    ['a socket that is none', ['--ovsdb', 'localhost', EXAMPLE], 'unix:PATH or tcp:HOST:PORT'],
    ['OVSDB over TCP alone', ['--ovsdb', 'tcp:192.0.2.1:6640', EXAMPLE], '--openflow'],
    ['a bridge with a slash', ['--bridge', '../br-int', EXAMPLE], '--bridge br-int'],
    ['watching standard input', ['--watch', '-'], 'Name files or folders'],
  ])('%s exits 64 with a remedy', async (_, args, remedy) => {
    const { code, stdout, stderr } = await reconcile(...args)
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' })
    expect(stderr).toMatch(/^USAGE\n {2}\S.*\.\n {2}\S.*\.\n$/)
    expect(stderr).toContain(remedy)
  })

  test('no path and no ./manifests exits 64 and says both', async () => {
    const { code, stderr } = await reconcile(...EMPTY)
    expect(code).toBe(64)
    expect(stderr).toContain('No path was given, and there is no folder ./manifests.')
  })

  test('no path, but ./manifests, takes that', async () => {
    await mkdir(join(folder, 'manifests'))
    await writeFile(join(folder, 'manifests', 'all.yaml'), '')
    const { code, stdout } = await reconcile(...EMPTY)
    await rm(join(folder, 'manifests'), { recursive: true })
    expect(code).toBe(0)
    expect(stdout).toContain('br-int: 16 to add')
  })

  test('a path that is not there exits 1 and names it', async () => {
    const { code, stderr } = await reconcile(...EMPTY, 'no-such.yaml')
    expect(code).toBe(1)
    expect(stderr).toContain('Cannot read "no-such.yaml": there is no such file or folder.')
  })
})

describe('a configuration file', () => {
  test.each([
    ['an unknown key', 'connections:\n  idle: 3\n', '2:9', 'there is no "idle" here'],
    ['a wrong value', 'connections: { idleTimeout: -1 }\n', '1:29', 'not a whole number of seconds'],
    ['broken YAML', 'connections: [', '1:15', 'bracket is missing'],
    ['a list', '- connections\n', '1:1', 'not a mapping'],
  ])('with %s exits 64 with the place and a frame', async (_, text, place, said) => {
    await writeFile(join(folder, 'config.yaml'), text)
    const { code, stderr } = await reconcile(...EMPTY, '--config', 'config.yaml', EXAMPLE)
    expect(code).toBe(64)
    expect(stderr).toContain(`config.yaml:${place}  INVALID_CONFIG\n`)
    expect(stderr).toContain(said)
    expect(stderr).toMatch(/\n {4}> \d \| /)
  })

  test('that is not there exits 1 and names the flag', async () => {
    const { code, stderr } = await reconcile(...EMPTY, '--config', 'none.yaml', EXAMPLE)
    expect(code).toBe(1)
    expect(stderr).toMatch(/Cannot read the configuration file "none\.yaml"\.\n {2}Check --config/)
  })
})

describe('help and version', () => {
  test('--help exits 0 and lists the options and exit codes on standard output', async () => {
    const { code, stdout, stderr } = await reconcile('--help')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const word of ['--dry-run', '--watch', '--against', '--port-map', 'Exit codes:', '64 wrong usage']) {
      expect(stdout).toContain(word)
    }
  })

  test('--version prints the version of the package', async () => {
    const { version } = JSON.parse(
      await readFile(new URL('../../package.json', import.meta.url), 'utf8'),
    ) as { version: string }
    expect(await reconcile('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })
})

describe('output', () => {
  test('to a file that cannot be written exits 1 and names it', async () => {
    const { code, stderr } = await reconcile(...EMPTY, '-o', 'json=no/such/folder/plan.json', EXAMPLE)
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^OUTPUT_UNWRITABLE\n {2}Cannot write the plan to "no\/such\/folder\/plan\.json"\.\n/,
    )
  })

  /** @param pipeline what follows the command, in a shell that tells the command's own exit code */
  const inShell = (args: readonly string[], pipeline: string): Promise<Finished> =>
    run(
      'bash',
      ['-c', `"$@" ${pipeline}; exit "\${PIPESTATUS[0]}"`, 'bash', process.execPath, CLI, ...args],
      {
        cwd: folder,
      },
    )

  test.each([
    ['a long plan', [...EMPTY, '-o', 'json', EXAMPLE], '| head -n 1', 0],
    ['a long plan nobody reads', [...EMPTY, '-o', 'json', EXAMPLE], '| true', 0],
    ['errors nobody reads', ['--nonsense'], '2>&1 | true', 64],
    [
      'many errors',
      [fileURLToPath(new URL('../malformed', import.meta.url))],
      '2>&1 >/dev/null | head -n 1',
      3,
    ],
  ])('%s: a reader that goes away is no crash', async (_, args, pipeline, code) => {
    const finished = await inShell(args, pipeline)
    expect(finished.code).toBe(code)
    expect(finished.stderr).toBe('')
    expect(finished.stdout.split('\n').length).toBeLessThanOrEqual(2)
  })

  test('to a full disk is an error in one line', async () => {
    const { code, stderr } = await inShell([...EMPTY, EXAMPLE], '>/dev/full')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^Cannot write to standard output: ENOSPC: .*\n$/)
  })
})
