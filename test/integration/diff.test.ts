// `reconcile diff` beside `ovs-ofctl diff-flows`, and the round trip of random flows: into a switch, out as text, and compared.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { addAcceptedFlows } from '../support/accepted-flows.js'
import { runCli } from '../support/cli.js'
import { createLab, type Lab } from '../support/lab.js'
import type { Finished, RunOptions } from '../support/processes.js'
import { run } from '../support/processes.js'
import { randomFlows, TLV_MAP } from '../support/random-flows.js'

let lab: Lab

beforeAll(async () => {
  lab = await createLab()
  await lab.addBridge('br-int')
  await lab.vsctl(
    ...['add-port', 'br-int', 'tap-vm1', '--', 'set', 'Interface', 'tap-vm1'],
    ...['type=internal', 'ofport_request=12'],
  )
  await lab.ofctl('add-tlv-map', 'br-int', TLV_MAP)
  await lab.ofctl('add-group', 'br-int', 'group_id=1,type=all,bucket=output:11')
  await lab.ofctl('add-meter', 'br-int', 'meter=1,pktps,band=type=drop,rate=100')
})

afterAll(() => lab.destroy())

/** Each flow that is refused costs another attempt with all of them. */
const HOOK_TIMEOUT_MS = 120_000

/** Writes a file of flows and gives its path. */
async function flowFile(name: string, flows: readonly string[] | string): Promise<string> {
  const path = join(lab.runDir, name)
  await writeFile(path, typeof flows === 'string' ? flows : flows.map((flow) => `${flow}\n`).join(''))
  return path
}

async function diff(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return runCli(['diff', ...args], { ...options, env: lab.env })
}

describe('random flows in a switch', () => {
  const seed = Number(process.env.FLOW_SEED ?? Math.floor(Math.random() * 1e9))
  const COUNT = 2_000
  const SPARE = 100
  const VERSIONS = ['OpenFlow13', 'OpenFlow15'] as const
  let dumps: Readonly<Record<(typeof VERSIONS)[number], string>>

  beforeAll(async () => {
    const candidates = randomFlows(seed, COUNT + SPARE)
    const accepted = await addAcceptedFlows(lab, 'br-int', candidates, SPARE)
    await addAcceptedFlows(lab, 'br-int', accepted.slice(0, COUNT))
    const [of13, of15] = await Promise.all(
      VERSIONS.map((version) => lab.ofctl('-O', version, '--no-stats', '--no-names', 'dump-flows', 'br-int')),
    )
    dumps = { OpenFlow13: of13 ?? '', OpenFlow15: of15 ?? '' }
  }, HOOK_TIMEOUT_MS)

  /** What went wrong can be had again with FLOW_SEED. */
  const named = (text: string): string => `${text} (FLOW_SEED=${seed})`

  test.each(VERSIONS)(named('are dumped in %s as ovs-ofctl dumps them'), async (version) => {
    const { code, stdout, stderr } = await runCli(['dump', '-o', 'ofctl', '-O', version], { env: lab.env })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const theirs = dumps[version].split('\n')
    expect(theirs).toHaveLength(COUNT + 1)
    expect(stdout.split('\n')).toEqual(theirs)
  })

  test.each(VERSIONS)(named('are the flows of their dump in %s'), async (version) => {
    const file = await flowFile('dump.flows', dumps[version])
    const same = { code: 0, stdout: '', stderr: '' }
    expect(await diff(['switch', `file:${file}`])).toEqual(same)
    expect(await diff(['-O', 'OpenFlow13', `file:${file}`, 'switch'])).toEqual(same)
  })

  test(named('differ from their dump in the ten that were changed, and in nothing else'), async () => {
    const lines = dumps.OpenFlow15.trimEnd().split('\n')
    const changed = changeTen(lines)
    const file = await flowFile('changed.flows', changed.lines)
    const { code, stdout, stderr } = await diff(['-o', 'json', 'switch', `file:${file}`])
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' })
    const { summary, differences } = JSON.parse(stdout) as Differences
    expect(summary).toEqual({ onlyInA: 4, onlyInB: 4, different: 6 })
    expect(differences.flatMap(({ a }) => a ?? []).sort()).toEqual(changed.before.sort())
    expect(differences.flatMap(({ b }) => b ?? []).sort()).toEqual(changed.after.sort())
    const text = await diff(['switch', `file:${file}`])
    expect(text.code).toBe(2)
    expect(text.stdout.match(/^-/gm)).toHaveLength(10)
    expect(text.stdout.match(/^\+/gm)).toHaveLength(10)
  })
})

interface Differences {
  readonly summary: Readonly<Record<string, number>>
  readonly differences: readonly { readonly a: string | null; readonly b: string | null }[]
}

function otherCookie(line: string): string {
  return line.replace(/^ cookie=0x[0-9a-f]+/, (cookie) =>
    cookie === ' cookie=0x5' ? ' cookie=0x6' : ' cookie=0x5',
  )
}

/** Ways to change a line of a dump: the first four make another flow of it, for the others it stays the same one. */
const CHANGES: readonly { readonly of: RegExp; readonly to: (line: string) => string }[] = [
  { of: /priority=\d/, to: (line) => line.replace(/priority=\d+/, 'priority=0') },
  { of: /nw_dst=10\.0\.2\.0\/24/, to: (line) => line.replace('nw_dst=10.0.2.0/24', 'nw_dst=10.0.2.0/23') },
  { of: /metadata=0x1f42[, ]/, to: (line) => line.replace(/metadata=0x1f42/, 'metadata=0x1f42/0xffff') },
  { of: /,in_port=\d+/, to: (line) => line.replace(/,in_port=\d+/, '') },
  { of: /^ cookie=0x[0-9a-f]+, /, to: otherCookie },
  { of: /idle_timeout=\d+, /, to: (line) => line.replace(/idle_timeout=\d+, /, '') },
  { of: /send_flow_rem /, to: (line) => line.replace('send_flow_rem ', '') },
  {
    of: /^(?!.*no_byte_counts).*, priority/,
    to: (line) => line.replace(/, priority/, ', no_byte_counts priority'),
  },
  { of: /actions=.*output:12/, to: (line) => line.replace(/(actions=.*)output:12/, '$1output:13') },
  { of: /actions=drop$/, to: (line) => line.replace(/actions=drop$/, 'actions=output:12') },
]

/** Makes each change to the first line that it fits, and none to a line twice. */
function changeTen(lines: readonly string[]): Readonly<Record<'lines' | 'before' | 'after', string[]>> {
  const after = [...lines]
  const places = CHANGES.map(({ of, to }) => {
    const place = lines.findIndex((line, n) => of.test(line) && after[n] === line)
    if (place === -1) throw new Error(`no flow is like ${String(of)}`)
    after[place] = to(after[place] ?? '')
    return place
  })
  const at = (all: readonly string[]): string[] => places.map((place) => all[place]?.trim() ?? '')
  return { lines: after, before: at(lines), after: at(after) }
}

const FLAG = /(send_flow_rem|check_overlap|reset_counts|no_packet_counts|no_byte_counts),/g

/** Some order that has nothing to do with the tables and priorities of flows. */
function hash(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE()
}

describe('two tables', () => {
  /** What ovs-ofctl says of the same two, and its exit code. */
  async function ofctlDiff(a: string, b: string): Promise<Finished> {
    return run('ovs-ofctl', ['-O', 'OpenFlow15', 'diff-flows', a, b], lab)
  }

  let [fileA, fileB] = ['', '']

  beforeAll(async () => {
    // No flags: ovs-ofctl does not compare them. And as a switch dumps them, for it prints what is in a file as it is written.
    const plain = randomFlows(Number(process.env.FLOW_SEED ?? 5), 900).map((flow) =>
      flow.replaceAll(FLAG, ''),
    )
    await addAcceptedFlows(lab, 'br-int', plain, 50)
    // A few lines of its dumps ovs-ofctl cannot read; a TLV with an odd number of digits it reads as 0.
    const dumped = (await lab.dumpFlows('br-int'))
      .filter((flow) => !/tlv\([^)]*0x(..)*.\)/.test(flow))
      .toSorted((x, y) => hash(x) - hash(y))
    const flows = await addAcceptedFlows(lab, 'br-int', dumped, 100)
    const [a, both, b] = [flows.slice(0, 300), flows.slice(300, 600), flows.slice(600)]
    const changed = both.map((flow, n) => {
      if (n % 4 === 0) return flow.replace('actions=', 'cookie=0x77,importance=9,actions=')
      return n % 4 === 1 ? flow.replace(/actions=.*/, 'hard_timeout=77,actions=output:12') : flow
    })
    fileA = await flowFile('a.flows', [...a, ...both])
    fileB = await flowFile('b.flows', [...changed.toReversed(), ...b])
    await addAcceptedFlows(lab, 'br-int', [...a, ...both])
  }, HOOK_TIMEOUT_MS)

  test('are compared as ovs-ofctl compares them, in its words and order', async () => {
    const theirs = await ofctlDiff(fileA, fileB)
    const ours = await diff([`file:${fileA}`, `file:${fileB}`])
    expect(ours.stdout.split('\n')).toEqual(theirs.stdout.split('\n'))
    expect([ours.code, theirs.code]).toEqual([2, 2])
    expect(ours.stdout.split('\n').length).toBeGreaterThan(700)
  })

  test('of which one is in the switch, too', async () => {
    const theirs = await ofctlDiff('br-int', fileB)
    const ours = await diff(['switch', `file:${fileB}`])
    // nw_frag under a mask, from a switch and from a file, is two matches to ovs-ofctl, which then prints them alike.
    const different = theirs.stdout.replace(/^-(.*nw_frag=.*\n)\+\1/gm, '')
    expect(ours.stdout.split('\n')).toEqual(different.split('\n'))
    expect(await diff(['switch', `file:${fileA}`])).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(await diff(['switch', 'switch'])).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  test('of which one is empty differ in all flows of the other', async () => {
    const nothing = await flowFile('nothing.flows', '# no flows\n\n')
    for (const [empty, of] of [
      ['empty', fileA],
      [`file:${nothing}`, fileA],
    ] as const) {
      const ours = await diff([empty, `file:${of}`])
      expect(ours.stdout).toBe((await ofctlDiff(nothing, of)).stdout)
      expect(ours.code).toBe(2)
    }
    expect(await diff(['empty', `file:${nothing}`])).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  test('say only by the exit code whether they differ, when asked to be quiet', async () => {
    expect(await diff(['-q', 'switch', `file:${fileB}`])).toEqual({ code: 2, stdout: '', stderr: '' })
    expect(await diff(['-q', 'switch', `file:${fileA}`])).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  test('are coloured on request alone', async () => {
    const coloured = await diff(['--color', 'always', 'empty', `file:${fileA}`])
    expect(coloured.stdout).toMatch(/^\u001b\[32m\+/)
    expect((await diff(['empty', `file:${fileA}`])).stdout).not.toContain('\u001b')
  })
})

describe('where ovs-ofctl sees less or more', () => {
  async function diffTexts(a: string, b: string): Promise<Finished> {
    return diff([`file:${await flowFile('one', a)}`, `file:${await flowFile('other', b)}`])
  }

  test('flags count, and are shown where they differ', async () => {
    expect(
      await diffTexts('table=1,ip,send_flow_rem,actions=drop\n', 'table=1,ip,no_byte_counts,actions=drop\n'),
    ).toEqual({
      code: 2,
      stdout: '-table=1 ip send_flow_rem actions=drop\n+table=1 ip no_byte_counts actions=drop\n',
      stderr: '',
    })
  })

  test.each([
    ['how a flow was added', 'actions=drop', 'check_overlap,reset_counts,actions=drop'],
    ['two words for one action', 'actions=load:5->NXM_NX_REG0[]', 'actions=set_field:5->reg0'],
    ['a mask of all bits', 'ip,nw_dst=10.0.0.1', 'ip,nw_dst=10.0.0.1/32'],
    ['registers in pairs', 'reg0=1,reg1=2,actions=drop', 'xreg0=0x100000002,actions=drop'],
  ])('%s makes no difference', async (_, a, b) => {
    const [one, other] = [a, b].map((text) => (text.includes('actions') ? text : `${text},actions=drop`))
    expect(await diffTexts(`${one ?? ''}\n`, `${other ?? ''}\n`)).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  test.each([
    ['comments', '# one\nip,actions=drop # two\n\n   # three\n', 'ip,actions=drop\n'],
    [
      'counters',
      ' cookie=0x0, duration=3.1s, table=2, n_packets=9, n_bytes=9, idle_age=3, ip actions=drop\n',
      'table=2,ip,actions=drop\n',
    ],
  ])('%s count for nothing', async (_, a, b) => {
    expect(await diffTexts(a, b)).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  test('of two flows with one match the last counts', async () => {
    const twice = 'ip,actions=output:1\ntable=3,actions=drop\nip,actions=output:2\n'
    expect((await diffTexts(twice, 'table=3,actions=drop\nip,actions=output:2\n')).code).toBe(0)
  })
})

describe('names of ports', () => {
  beforeAll(() => addAcceptedFlows(lab, 'br-int', ['in_port=12,actions=output:12,output:13']))

  test('in a file are those of the switch, and are printed on request', async () => {
    const file = await flowFile('named', 'in_port="tap-vm1",actions=output:"tap-vm1",output:13\n')
    expect((await diff(['switch', `file:${file}`])).code).toBe(0)
    const named = await diff(['--names', 'switch', 'empty'])
    expect(named.stdout).toBe('-in_port="tap-vm1" actions=output:"tap-vm1",output:13\n')
    expect((await diff(['switch', 'empty'])).stdout).toBe('-in_port=12 actions=output:12,output:13\n')
  })

  test('without a switch are those of --port-map', async () => {
    const [named, numbered] = await Promise.all([
      flowFile('named', 'in_port="tap-vm1",actions=drop\n'),
      flowFile('numbered', 'in_port=12,actions=drop\n'),
    ])
    const sources = [`file:${named}`, `file:${numbered}`]
    expect((await diff(['--port-map', 'tap-vm1=12', ...sources])).code).toBe(0)
    const unknown = await diff(sources)
    expect(unknown.code).toBe(3)
    expect(unknown.stderr).toContain('named:1:9  INVALID_DUMP')
  })
})

describe('what cannot be compared', () => {
  test('is shown with its place in the file', async () => {
    const file = await flowFile(
      'broken.flows',
      '# a comment\nip,actions=drop\ntable=1, tcp,tp_dst=http actions=drop\n',
    )
    const { code, stdout, stderr } = await diff([`file:${file}`, 'empty'])
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    const column = 'table=1, tcp,'.length + 1
    expect(stderr).toContain(`${file}:3:`)
    expect(Number(/broken\.flows:3:(\d+)/.exec(stderr)?.[1])).toBeGreaterThanOrEqual(column)
    expect(stderr).toContain('INVALID_DUMP')
    expect(stderr).toContain('> 3 | table=1, tcp,tp_dst=http actions=drop')
    expect(stderr).toMatch(/\| +\^+/)
  })

  test.each([
    ['no actions', 'ip\n', 'it has no actions='],
    [
      'an unknown action of a foreign flow',
      'cookie=0x5,ip,actions=frobnicate(3)\n',
      'is not an action this release knows',
    ],
    ['an unknown port', 'ip,actions=nowhere\n', '"nowhere" is not'],
    ['a priority out of range', 'priority=65536,actions=drop\n', 'a number of 0 to 65535'],
    ['bytes', '\u0000\u0001\n', 'INVALID_DUMP'],
  ])('for %s', async (_, text, message) => {
    const { code, stdout, stderr } = await diff(['file:-', 'empty'], { input: text })
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr).toContain('-:1:')
    expect(stderr).toContain(message)
  })

  test('a dump comes by standard input, too', async () => {
    const dump = await runCli(['dump', '--stats'], { env: lab.env })
    expect((await diff(['file:-', 'switch'], { input: dump.stdout })).code).toBe(0)
  })

  test.each([
    [
      ['file:/nowhere/at.all', 'empty'],
      1,
      'PATH_UNREADABLE',
      'Cannot read the flows in "/nowhere/at.all": no such file or directory.',
    ],
    [['file:/', 'empty'], 1, 'PATH_UNREADABLE', 'illegal operation on a directory'],
    [['switch', 'empty', '--bridge', 'br-none'], 1, 'SWITCH_UNREACHABLE', 'br-none.mgmt'],
    [['switch', 'nothing'], 64, 'Use switch, file:FILE or empty.', ''],
    [['-O', 'OpenFlow10', 'switch', 'empty'], 64, 'Allowed choices', ''],
  ])('because of %j, the exit code and message say so', async (args, exitCode, ...messages) => {
    const { code, stdout, stderr } = await diff(args)
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' })
    for (const message of messages) expect(stderr).toContain(message)
  })
})
