// One-shot runs on a real switch: what is installed, that a second run touches nothing, and that an edit touches only
// what it concerns.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { runCli } from '../support/cli.js'
import { flowAges, touchedFlows, type TouchedFlows } from '../support/flow-ages.js'
import { createLab, type Lab } from '../support/lab.js'
import { copyExample, type ManifestFolder } from '../support/manifest-folder.js'
import { type OpenFlowTap, tapOpenFlow } from '../support/openflow-tap.js'
import type { Finished } from '../support/processes.js'

/** At the ports, at the flows, and at what meters there may be and are. */
const LOOKS = Array<string>(4).fill('multipart_request')

const VM1_MAC = 'fa:16:3e:00:17:e6'
const VM2_MAC = 'fa:16:3e:cf:4b:ed'
const VM1_ALONE = `
apiVersion: reconcile/v1
kind: Port
metadata: { name: vm1 }
spec:
  network: net1
  macAddress: '${VM1_MAC}'
  fixedIps: [{ subnet: net1-v4, ipAddress: 10.1.0.3 }]
  interface: tap-vm1
`
const PORT_MAP = 'tap-vm1=11,tap-vm2=12,patch-tun=6'

let lab: Lab
let tap: OpenFlowTap
let manifests: ManifestFolder

beforeAll(async () => {
  lab = await createLab()
  await lab.addBridge('br-int')
  await lab.addTunnelBridge()
  const vm1 = await lab.addVm({ name: 'vm1', interface: 'tap-vm1', mac: VM1_MAC })
  const vm2 = await lab.addVm({ name: 'vm2', interface: 'tap-vm2', mac: VM2_MAC })
  expect([await vm1.plug({ ofport: 11 }), await vm2.plug({ ofport: 12 })]).toEqual([11, 12])
  tap = await tapOpenFlow(lab)
  manifests = await copyExample()
})

afterAll(async () => {
  tap.close()
  await manifests.destroy()
  await lab.destroy()
})

/** Runs `reconcile` on the test's manifests, its OpenFlow connection tapped. */
async function reconcile(...args: readonly string[]): Promise<Finished> {
  return runCli(['--openflow', tap.remote, ...args, manifests.path], { env: lab.env })
}

async function drift(...args: readonly string[]): Promise<Finished> {
  return runCli(['drift', ...args, manifests.path], { env: lab.env })
}

/** Makes an edit, reconciles, and tells which flows that touched. */
async function touchedBy(edit: () => Promise<unknown>): Promise<TouchedFlows & { run: Finished }> {
  const before = await flowAges(lab)
  await edit()
  tap.clear()
  const run = await reconcile()
  return { run, ...touchedFlows(before, await flowAges(lab)) }
}

/** The flows that a run without a switch prints; in comments it says which meters they need. */
async function printedFlows(): Promise<string[]> {
  const args = ['--dry-run', '--against', 'empty', '-o', 'ofctl', '--port-map', PORT_MAP, manifests.path]
  const { stdout } = await runCli(args, { env: { OVS_RUNDIR: '/nowhere' } })
  const lines = stdout.trimEnd().split('\n')
  return lines.filter((line) => !line.startsWith('# ovs-ofctl '))
}

describe('on an empty bridge', () => {
  test('a run installs exactly the flows that the dry run without a switch prints', async () => {
    const run = await reconcile()
    expect(run).toMatchObject({ code: 0 })
    expect(run.stdout).toContain('br-int: 25 to add, 0 to change, 0 to delete, 0 unchanged')
    expect(run.stderr).toMatch(/^applied and verified: \S+\n$/)
    const printed = await printedFlows()
    expect(printed).toHaveLength(25)
    expect((await lab.dumpFlows('br-int')).sort()).toEqual(printed.sort())
  })

  test('all flow-mods went in one bundle', () => {
    expect(tap.count('flow_mod')).toBe(25)
    expect(tap.count('bundle_control')).toBe(2)
  })

  test('a second run says hello, looks, and sends no flow-mod at all', async () => {
    const { run, kept } = await touchedBy(async () => {})
    expect(run).toMatchObject({ code: 0 })
    expect(run.stdout).toBe('br-int: 0 to add, 0 to change, 0 to delete, 25 unchanged\n')
    expect(run.stderr).toMatch(/^in sync: \S+\n$/)
    expect(tap.sent).toEqual(['hello', ...LOOKS])
    expect(kept).toHaveLength(25)
  })

  test('the revision is written to the bridge', async () => {
    const { stderr } = await reconcile()
    const revision = await lab.vsctl('get', 'Bridge', 'br-int', 'external_ids:reconcile-revision')
    expect(stderr).toBe(`in sync: ${JSON.parse(revision) as string}\n`)
  })
})

describe('when table 51 was emptied by hand', () => {
  beforeAll(async () => {
    expect(await reconcile('--dry-run', '--detailed-exitcode')).toMatchObject({ code: 0 })
    await lab.ofctl('del-flows', 'br-int', 'table=51')
  })

  test('the dry run names the two responders and the default, nothing else, and exits 2', async () => {
    tap.clear()
    const { code, stdout } = await reconcile('--dry-run', '--detailed-exitcode')
    const changes = stdout.split('\n').filter((line) => /^ {2}[-+~]/.test(line))
    expect(code).toBe(2)
    expect(changes).toHaveLength(3)
    expect(changes[0]).toMatch(/^ {2}\+ table=51,.*arp_tpa=10\.1\.0\.1,.* # \S+router\.yaml:7:7$/)
    expect(changes[1]).toMatch(/^ {2}\+ table=51,.*arp_tpa=10\.2\.0\.1,.* # \S+router\.yaml:8:7$/)
    expect(changes[2]).toBe('  + table=51, priority=1 actions=goto_table:55')
    expect(stdout).toContain('Router r1  ')
    expect(stdout).toContain('br-int: 3 to add, 0 to change, 0 to delete, 22 unchanged')
  })

  test('drift is found and shown, with exit 2 also where nothing is printed', async () => {
    const { code, stdout } = await drift()
    expect({ code, stdout }).toMatchObject({ code: 2, stdout: expect.stringContaining('table=51') })
    expect(await drift('-q')).toMatchObject({ code: 2, stdout: '' })
  })

  test('it sent no flow-mod and left the table empty', async () => {
    expect(tap.sent).toEqual(['hello', ...LOOKS])
    expect(await lab.dumpFlows('br-int', 'table=51')).toEqual([])
  })

  test('a run repairs exactly those three', async () => {
    const { run, added, removed, renewed, kept } = await touchedBy(async () => {})
    expect(run).toMatchObject({ code: 0 })
    expect(added).toHaveLength(3)
    expect(added.every((flow) => flow.includes('table=51'))).toBe(true)
    expect({ removed, renewed, kept: kept.length }).toEqual({ removed: [], renewed: [], kept: 22 })
    expect(tap.count('flow_mod')).toBe(3)
    expect(await drift()).toMatchObject({ code: 0, stderr: '' })
  })
})

describe('an edit', () => {
  beforeEach(async () => {
    expect(await reconcile()).toMatchObject({ code: 0 })
  })
  afterEach(() => manifests.reset())

  test("of one port's MAC address replaces that port's layer-2 flow", async () => {
    const { added, removed, renewed, kept } = await touchedBy(() =>
      manifests.edit('ports.yaml', VM1_MAC, 'fa:16:3e:00:17:e7'),
    )
    expect(added).toEqual([expect.stringContaining('metadata=0x1f42,dl_dst=fa:16:3e:00:17:e7 ')])
    expect(removed).toEqual([expect.stringContaining(`metadata=0x1f42,dl_dst=${VM1_MAC} `)])
    expect({ renewed, kept: kept.length }).toEqual({ renewed: [], kept: 24 })
    expect(tap.count('flow_mod')).toBe(2)
  })

  test('of a label touches no flow, but writes the new revision', async () => {
    const revision = () => lab.vsctl('get', 'Bridge', 'br-int', 'external_ids:reconcile-revision')
    const before = await revision()
    const { run, kept } = await touchedBy(() =>
      manifests.edit('ports.yaml', '{ name: vm1 }', '{ name: vm1, labels: { tier: web } }'),
    )
    expect(run).toMatchObject({ code: 0 })
    expect(kept).toHaveLength(25)
    expect(tap.count('flow_mod')).toBe(0)
    expect(await revision()).not.toBe(before)
    expect(run.stderr).toContain(JSON.parse(await revision()) as string)
  })

  test('that moves objects to another file touches no flow', async () => {
    const { run, kept } = await touchedBy(async () => {
      await manifests.remove('router.yaml')
      const legs = ['net1-v4, macAddress: "fa:16:3e:c0:8d:8b"', 'net2-v4, macAddress: "fa:16:3e:c5:02:4d"']
      const interfaces = legs.map((leg) => `{ subnet: ${leg} }`).join(', ')
      const text = 'apiVersion: reconcile/v1\nkind: Router\nmetadata: { name: r1 }\n'
      await manifests.write('a.yaml', `# moved\n${text}spec: { interfaces: [${interfaces}] }\n`)
    })
    expect(run).toMatchObject({ code: 0 })
    expect(kept).toHaveLength(25)
    expect(tap.count('flow_mod')).toBe(0)
  })

  test("of a network's segmentation id touches only the flows of that network", async () => {
    const { added, removed, kept } = await touchedBy(() =>
      manifests.edit('networks.yaml', '0x1f42', '0x1f44'),
    )
    expect(added.every((flow) => flow.includes('0x1f44'))).toBe(true)
    expect(removed.every((flow) => flow.includes('metadata=0x1f42') || flow.includes('in_port=11'))).toBe(
      true,
    )
    expect(kept.some((flow) => flow.includes('0x1f42'))).toBe(false)
    expect({ added: added.length, kept: kept.length }).toEqual({ added: 6, kept: 19 })
  })

  test('that removes a port removes its flows and the emptied group of its network, nothing else', async () => {
    const { run, added, removed, renewed, kept } = await touchedBy(() =>
      manifests.write('ports.yaml', VM1_ALONE),
    )
    expect(run).toMatchObject({ code: 0 })
    expect(removed.map(place).sort()).toEqual([
      'in_port=12',
      'in_port=12,vlan_tci=0x1000/0x1000',
      'metadata=0x1f43,dl_dst=01:00:00:00:00:00/01:00:00:00:00:00',
      `metadata=0x1f43,dl_dst=${VM2_MAC}`,
    ])
    expect({ added, renewed, kept: kept.length }).toEqual({ added: [], renewed: [], kept: 21 })
    expect(run.stdout).toContain('No longer in the manifests\n  - priority=1001,in_port=12')
  })
})

describe('with a connection between the two machines', () => {
  const connection = 'table=52,priority=100,idle_timeout=300,send_flow_rem,ip'
  const there =
    `metadata=0x1f42,in_port=11,dl_src=${VM1_MAC},dl_dst=fa:16:3e:c0:8d:8b,nw_src=10.1.0.3,nw_dst=10.2.0.3,` +
    `actions=dec_ttl,set_field:fa:16:3e:c5:02:4d->eth_src,set_field:${VM2_MAC}->eth_dst,output:12`
  const back =
    `metadata=0x1f43,in_port=12,dl_src=${VM2_MAC},dl_dst=fa:16:3e:c5:02:4d,nw_src=10.2.0.3,nw_dst=10.1.0.3,` +
    `actions=dec_ttl,set_field:fa:16:3e:c0:8d:8b->eth_src,set_field:${VM1_MAC}->eth_dst,output:11`

  /** By its class and feature a flow of ours; `reconcile` puts the name of the port into the cookie. */
  beforeEach(async () => {
    for (const half of [there, back]) {
      await lab.ofctl('add-flow', 'br-int', `cookie=0xdf018a0000000000,${connection},${half}`)
    }
    expect(await reconcile()).toMatchObject({ code: 0 })
  })
  afterEach(() => manifests.reset())

  test('a run keeps its two flows', async () => {
    const { run, kept } = await touchedBy(async () => {})
    expect(run).toMatchObject({ code: 0 })
    expect(kept).toHaveLength(27)
    expect(tap.count('flow_mod')).toBe(0)
  })

  test("an edit of one port's address touches only that port's connections", async () => {
    const { removed, added, renewed, kept } = await touchedBy(() =>
      manifests.edit('ports.yaml', '10.1.0.3', '10.1.0.4'),
    )
    expect(removed.map(place).sort()).toEqual([
      expect.stringContaining('nw_src=10.1.0.3,nw_dst=10.2.0.3'),
      expect.stringContaining('nw_src=10.2.0.3,nw_dst=10.1.0.3'),
    ])
    expect({ added, renewed, kept: kept.length }).toEqual({ added: [], renewed: [], kept: 25 })
    expect(tap.count('flow_mod')).toBe(2)
  })

  test('an edit of the idle timeout gives the connections the new one', async () => {
    const { added, removed } = touchedFlows(
      await flowAges(lab),
      await reconcile('--idle-timeout', '60').then(() => flowAges(lab)),
    )
    expect(added).toHaveLength(2)
    expect(added.every((flow) => flow.includes('idle_timeout=60,'))).toBe(true)
    expect(removed.every((flow) => flow.includes('idle_timeout=300,'))).toBe(true)
  })
})

/** The match of a flow, without table and priority. */
function place(flow: string): string {
  return flow.replace(/^.*priority=\d+,?/, '').replace(/ actions=.*$/, '')
}
