// Plans without effect: against nothing, against a saved dump, against the switch; for people, programs and ovs-ofctl.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { readFile, writeFile } from 'node:fs/promises'
import { runCli } from '../support/cli.js'
import { createLab, type Lab } from '../support/lab.js'
import { copyExample, type ManifestFolder } from '../support/manifest-folder.js'
import { type Finished, runOrThrow } from '../support/processes.js'

/** What ovs-ofctl cannot find, we do not need either. */
const NO_SWITCH = { OVS_RUNDIR: '/nowhere' }
const IN_SYNC = 'br-int: 0 to add, 0 to change, 0 to delete, 64 unchanged\n'

let lab: Lab
let manifests: ManifestFolder

beforeAll(async () => {
  lab = await createLab()
  await lab.addBridge('br-int')
  await lab.addTunnelBridge()
  const vm1 = await lab.addVm({ name: 'vm1', interface: 'tap-vm1', mac: 'fa:16:3e:00:17:e6' })
  const vm2 = await lab.addVm({ name: 'vm2', interface: 'tap-vm2', mac: 'fa:16:3e:cf:4b:ed' })
  await vm1.plug({ ofport: 11 })
  await vm2.plug({ ofport: 12 })
  manifests = await copyExample()
})

afterEach(() => manifests.reset())

afterAll(async () => {
  await manifests.destroy()
  await lab.destroy()
})

async function reconcile(...args: readonly string[]): Promise<Finished> {
  return runCli([...args, manifests.path], { env: lab.env })
}

async function planWithoutSwitch(...args: readonly string[]): Promise<Finished> {
  return runCli(['--dry-run', ...args, manifests.path], { env: NO_SWITCH })
}

/** A few edits, so that a plan has flows to add, change and delete. */
async function editManifests(): Promise<void> {
  await manifests.edit('ports.yaml', 'fa:16:3e:cf:4b:ed', 'fa:16:3e:cf:4b:ee')
  await manifests.edit('router.yaml', 'fa:16:3e:c0:8d:8b', 'fa:16:3e:c0:8d:8c')
  await manifests.edit('networks.yaml', '10.2.0.0/24', '10.2.0.0/25')
}

/**
 * Of vm2 the seven flows that say what it may send, and its place in layer 2, go and come; so do five of the gateway and three
 * of the subnet. The responder and the ways to the two hosts change.
 */
const EDITED = { add: 8 + 5 + 3, change: 3, delete: 8 + 5 + 3 }

const SIGNS = { '+': 'add', '~': 'change', '-': 'delete' } as const

/** Lines of the human plan by their sign. */
function counts(plan: string): Record<string, number> {
  const lines = plan.split('\n').flatMap((line) => /^ {2}([-+~]) /.exec(line)?.[1] ?? [])
  return Object.fromEntries(
    Object.entries(SIGNS).map(([sign, name]) => [name, lines.filter((line) => line === sign).length]),
  )
}

interface JsonPlan {
  readonly node: string | null
  readonly bridge: string
  readonly summary: Readonly<Record<string, number>>
  readonly changes: readonly {
    readonly change: string
    readonly table: number
    readonly flow: string
    readonly was?: string
    readonly feature: string
    readonly object: { readonly kind: string; readonly name: string } | null
    readonly source: { readonly file: string; readonly line: number; readonly column: number } | null
  }[]
}

function parsePlans(text: string): readonly JsonPlan[] {
  return (JSON.parse(text) as { plans: readonly JsonPlan[] }).plans
}

describe('against the switch', () => {
  beforeEach(async () => {
    expect(await reconcile()).toMatchObject({ code: 0 })
  })

  test('nothing to do is one line, and exit 0 also with --detailed-exitcode', async () => {
    expect(await reconcile('--dry-run', '--detailed-exitcode')).toMatchObject({ code: 0, stdout: IN_SYNC })
  })

  test('a plan changes nothing, exits 0, and 2 with --detailed-exitcode', async () => {
    await editManifests()
    const before = await lab.dumpFlows('br-int')
    expect(await reconcile('--dry-run')).toMatchObject({ code: 0, stderr: '' })
    const { code, stdout } = await reconcile('--dry-run', '--detailed-exitcode')
    expect({ code, ...counts(stdout) }).toEqual({ code: 2, ...EDITED })
    expect(stdout).toContain('br-int: 16 to add, 3 to change, 16 to delete, 45 unchanged\n')
    expect(await lab.dumpFlows('br-int')).toEqual(before)
  })

  test('a plan names for each flow the object and its place', async () => {
    await editManifests()
    const { stdout } = await reconcile('--dry-run')
    const [ports, router, networks] = ['ports.yaml', 'router.yaml', 'networks.yaml'].map(manifests.file)
    const section = (head: string) => stdout.split('\n\n').find((text) => text.startsWith(`${head}\n`)) ?? ''
    expect(section(`Port vm2  ${ports!}:13:19`)).toMatch(
      /\n {2}\+ table=55, priority=100,metadata=0x1f43,dl_dst=fa:16:3e:cf:4b:ee actions=output:12\n {2}- table=55, priority=100,metadata=0x1f43,dl_dst=fa:16:3e:cf:4b:ed actions=output:12(\n|$)/,
    )
    expect(section(`Router r1  ${router!}:4:19`)).toContain('\n  ~ table=51, send_flow_rem priority=100,arp,')
    expect(stdout).toMatch(/\n {6}was actions=set_field:2->arp_op,.*set_field:fa:16:3e:c0:8d:8b->eth_src/)
    expect(stdout).toContain(`Subnet net2-v4  ${networks!}:19:19\n`)
  })

  test('as JSON every change has its flow, feature, object, file and line', async () => {
    await editManifests()
    const [plan] = parsePlans((await reconcile('--dry-run', '-o', 'json')).stdout)
    expect(plan!.summary).toEqual({ add: 16, change: 3, delete: 16, unchanged: 45, conflicts: 0 })
    expect(plan!.changes).toHaveLength(35)
    expect(plan!.changes).toContainEqual({
      change: 'add',
      table: 55,
      priority: 100,
      flow: expect.stringMatching(
        /^cookie=0xdf014b\S+, table=55, .*dl_dst=fa:16:3e:cf:4b:ee actions=output:12$/,
      ),
      feature: 'layer2-unicast',
      object: { kind: 'Port', name: 'vm2' },
      source: { file: manifests.file('ports.yaml'), line: 13, column: 19 },
    })
    const modified = plan!.changes.find(
      ({ change, feature }) => change === 'modify' && feature === 'arp-responder',
    )
    expect(modified).toMatchObject({ object: { kind: 'Router', name: 'r1' } })
    expect(modified!.was).toContain('fa:16:3e:c0:8d:8b->eth_src')
    expect(plan!.changes.every(({ object, source }) => object !== null && source !== null)).toBe(true)
  })

  test('as ofctl, given to ovs-ofctl as one bundle, it brings the switch to the desired state', async () => {
    await lab.ofctl('mod-flows', '--strict', 'br-int', 'table=40,priority=1,actions=drop')
    await lab.ofctl('add-flow', 'br-int', 'cookie=0xdf01430000000099,in_port=77,idle_timeout=55,actions=drop')
    await lab.ofctl('add-flow', 'br-int', 'cookie=0x7,table=99,actions=drop')
    await lab.ofctl('--strict', 'del-flows', 'br-int', 'table=51,priority=1')
    await editManifests()
    const { stdout } = await reconcile('--dry-run', '-o', 'ofctl')
    const commands = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ')[0])
    expect(new Set(commands)).toEqual(new Set(['add', 'modify_strict', 'delete_strict']))
    const addFlows = ['-O', 'OpenFlow15', '--bundle', 'add-flows', 'br-int', '-']
    await runOrThrow('ovs-ofctl', addFlows, { env: lab.env, input: stdout })
    const after = await reconcile('--dry-run', '--detailed-exitcode')
    expect(after).toMatchObject({ code: 0, stdout: IN_SYNC })
    expect(await lab.dumpFlows('br-int', 'cookie=0x7/-1')).toHaveLength(1)
    await lab.ofctl('del-flows', 'br-int', 'cookie=0x7/-1')
  })

  test('several outputs at once: one to a file, one to standard output', async () => {
    await editManifests()
    const file = manifests.file('plan.json')
    const { code, stdout } = await reconcile(
      '--dry-run',
      '-o',
      `json=${file}`,
      '-o',
      'human',
      '--color',
      'never',
    )
    expect(code).toBe(0)
    expect(counts(stdout)).toEqual(EDITED)
    expect(parsePlans(await readFile(file, 'utf8'))[0]!.changes).toHaveLength(35)
  })

  test('colour only where it is asked for; without it the signs are the same', async () => {
    await editManifests()
    const coloured = await reconcile('--dry-run', '--color', 'always')
    const escape = String.fromCharCode(27)
    const plain = await reconcile('--dry-run')
    expect(coloured.stdout).toContain(`${escape}[32m  + table=55`)
    expect(plain.stdout).not.toContain(escape)
    expect(coloured.stdout.replaceAll(new RegExp(`${escape}\\[\\d+m`, 'g'), '')).toBe(plain.stdout)
  })
})

describe('against a saved dump, with no switch', () => {
  const NAMES = ['--names', '--no-names'] as const
  const dumps = new Map<string, string>()
  const dumpFile = (name: string): string => `file:${manifests.file(`${name}.flows`)}`

  beforeAll(async () => {
    expect(await reconcile()).toMatchObject({ code: 0 })
    for (const names of NAMES) dumps.set(names, await lab.ofctl(names, 'dump-flows', 'br-int'))
  })
  beforeEach(async () => {
    for (const [name, text] of dumps) await writeFile(manifests.file(`${name}.flows`), text)
  })

  test.each(NAMES)('made with %s there is nothing to do, and no port map is needed', async (names) => {
    const run = await planWithoutSwitch('--detailed-exitcode', '--against', dumpFile(names))
    expect(run).toEqual({ code: 0, stdout: IN_SYNC, stderr: '' })
  })

  test.each(NAMES)('made with %s the plan is that against the switch', async (names) => {
    await editManifests()
    const offline = await planWithoutSwitch('--detailed-exitcode', '--against', dumpFile(names))
    const online = await reconcile('--dry-run')
    const numbers = offline.stdout.replaceAll('"tap-vm1"', '11').replaceAll('"tap-vm2"', '12')
    expect(offline.code).toBe(2)
    expect(numbers).toBe(online.stdout)
    expect(offline.stdout.includes('"tap-vm2"')).toBe(names === '--names')
  })

  test('of several nodes needs to be told whose it is', async () => {
    await manifests.write('nodes.yaml', NODES)
    const unsaid = await planWithoutSwitch('--against', dumpFile('--names'))
    expect(unsaid).toMatchObject({ code: 64, stdout: '' })
    expect(unsaid.stderr).toBe(
      'USAGE\n  A dump is of one node, and the manifests have several.\n  Say with --node whose dump it is.\n',
    )
    const said = await planWithoutSwitch('--against', dumpFile('--names'), '--node', 'node-a')
    expect(said.stdout).toBe(`node-a ${IN_SYNC}`)
  })

  test.each([
    ['an unknown action', 'table=40 actions=set_colour:red', '2:59', 'set_colour:red'],
    ['an action without a value', 'table=40 actions=strip_vlans', '2:59', 'strip_vlans'],
    ['a port without a number', 'table=40 actions=output:', '2:66', ''],
    ['an unknown field', 'table=40,colour=red actions=drop', '2:51', 'colour'],
  ])('with %s is refused with its place and a frame', async (_, flow, place, word) => {
    const cookie = 'cookie=0xdf01040000000000, duration=1s'
    await manifests.write('bad.flows', `OFPST_FLOW reply (OF1.5) (xid=0x2):\n ${cookie}, ${flow}\n`)
    const { code, stdout, stderr } = await planWithoutSwitch('--against', dumpFile('bad'))
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr).toContain(`${manifests.file('bad.flows')}:${place}  INVALID_DUMP\n  "${word}" is not `)
    expect(stderr).toMatch(/\n {4}> 2 \| {2}cookie=0xdf01.*\n {4} {4}\| +\^+\n/)
    expect(stderr).toContain('ovs-ofctl -O OpenFlow15 dump-flows')
  })

  test('that is no text at all is refused in a few lines', async () => {
    const noise = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 37) % 256 || 1)).filter(
      (byte) => byte !== 10,
    )
    await writeFile(manifests.file('noise.flows'), noise)
    const { code, stderr } = await planWithoutSwitch('--against', dumpFile('noise'))
    expect(code).toBe(3)
    expect(stderr.length).toBeLessThan(1_000)
  })

  test('that is not there is said, with how to make one', async () => {
    const { code, stderr } = await planWithoutSwitch('--against', dumpFile('none'))
    expect(code).toBe(1)
    expect(stderr).toContain(`Cannot read the dump "${manifests.file('none.flows')}".`)
    expect(stderr).toContain('ovs-ofctl -O OpenFlow15 dump-flows br-int > FILE')
  })
})

describe('against nothing, with no switch', () => {
  const NUMBERED = ['--port-map', 'tap-vm1=11,tap-vm2=12,patch-tun=6']

  test('ports go by the names of their interfaces', async () => {
    const { code, stdout, stderr } = await planWithoutSwitch('--against', 'empty', '-o', 'ofctl')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/priority=1000,in_port="tap-vm1" actions=write_metadata:0x1f42/)
    expect(stdout.trimEnd().split('\n')).toHaveLength(64)
  })

  test('what is printed with names or numbers is what ovs-ofctl installs and we find in sync', async () => {
    // Meters go by numbers: where these are not known, none can be asked for.
    for (const args of [['--packet-in-rate', '0'], NUMBERED]) {
      await lab.ofctl('del-flows', 'br-int')
      await lab.ofctl('del-meters', 'br-int')
      const { stdout } = await planWithoutSwitch('--against', 'empty', '-o', 'ofctl', ...args)
      const meters = stdout.split('\n').filter((line) => line.startsWith('# ovs-ofctl '))
      for (const command of meters) await lab.ofctl(...command.split(' ').slice(2))
      await runOrThrow('ovs-ofctl', ['-O', 'OpenFlow15', '--names', 'add-flows', 'br-int', '-'], {
        env: lab.env,
        input: stdout,
      })
      const limit = args === NUMBERED ? [] : args
      const run = await reconcile('--dry-run', '--detailed-exitcode', ...limit)
      expect(run).toMatchObject({ code: 0, stdout: IN_SYNC })
    }
  })

  test('everything is a difference', async () => {
    const run = await planWithoutSwitch('--against', 'empty', '--detailed-exitcode')
    expect(run).toMatchObject({ code: 2, stdout: expect.stringContaining('br-int: 64 to add, 0 to change') })
  })

  test('with several nodes there is a plan for each bridge of each, of what its own ports can reach', async () => {
    await manifests.write('nodes.yaml', NODES)
    await manifests.edit('ports.yaml', 'interface: tap-vm1', 'interface: tap-vm1\n  host: node-a')
    await manifests.edit('ports.yaml', 'interface: tap-vm2', 'interface: tap-vm2\n  host: node-b')
    const plans = parsePlans((await planWithoutSwitch('--against', 'empty', '-o', 'json')).stdout)
    expect(plans.map(({ node, bridge, summary }) => [node, bridge, summary.add])).toEqual([
      ['node-a', 'br-int', 44],
      ['node-a', 'br-tun', 10],
      ['node-b', 'br-int', 44],
      ['node-b', 'br-tun', 10],
    ])
    const ofGuests = plans.filter(({ bridge }) => bridge === 'br-int')
    const claims = ofGuests.map(({ changes }) => changes.filter(({ feature }) => feature === 'ingress'))
    expect(claims.map((own) => new Set(own.map(({ object }) => object?.name)))).toEqual([
      new Set(['vm1']),
      new Set(['vm2']),
    ])
    const { stdout } = await planWithoutSwitch('--against', 'empty')
    expect(stdout).toContain('node-a br-int: 44 to add')
    expect(stdout).toContain('node-b br-tun: 10 to add')
    const one = await planWithoutSwitch('--against', 'empty', '--node', 'node-b', '-o', 'json')
    expect(parsePlans(one.stdout).map(({ node, bridge }) => [node, bridge])).toEqual([
      ['node-b', 'br-int'],
      ['node-b', 'br-tun'],
    ])
  })

  test('an empty set of manifests is the bare pipeline', async () => {
    const { stdout } = await runCli(['--dry-run', '--against', 'empty', '-o', 'ofctl', '-'], {
      env: NO_SWITCH,
    })
    expect(stdout.trimEnd().split('\n')).toHaveLength(16)
    expect(stdout).not.toContain('metadata=')
  })

  test('manifests can come from standard input', async () => {
    const files = ['networks.yaml', 'ports.yaml', 'router.yaml'].map((name) => readFile(manifests.file(name)))
    const input = (await Promise.all(files)).join('\n---\n')
    const args = ['--dry-run', '--against', 'empty', '-o', 'json', '-']
    const [plan] = parsePlans((await runCli(args, { env: NO_SWITCH, input })).stdout)
    expect(plan!.summary.add).toBe(64)
    expect(plan!.changes.find(({ object }) => object?.name === 'vm1')?.source?.file).toBe('<stdin>')
  })
})

const NODES = ['node-a', 'node-b']
  .map(
    (name, i) =>
      `apiVersion: reconcile/v1\nkind: Node\nmetadata: { name: ${name} }\n` +
      `spec: { tunnelIp: 192.0.2.${i + 1}, encapsulation: geneve }\n`,
  )
  .join('---\n')
