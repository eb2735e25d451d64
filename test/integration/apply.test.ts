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
    expect(run.stdout).toContain('br-int: 64 to add, 0 to change, 0 to delete, 0 unchanged')
    expect(run.stderr).toMatch(/^applied and verified: \S+\n$/)
    const printed = await printedFlows()
    expect(printed).toHaveLength(64)
    expect((await lab.dumpFlows('br-int')).sort()).toEqual(printed.sort())
  })

  test('all flow-mods went in one bundle', () => {
    expect(tap.count('flow_mod')).toBe(64)
    expect(tap.count('bundle_control')).toBe(2)
  })

  test('a second run says hello, looks, and sends no flow-mod at all', async () => {
    const { run, kept } = await touchedBy(async () => {})
    expect(run).toMatchObject({ code: 0 })
    expect(run.stdout).toBe('br-int: 0 to add, 0 to change, 0 to delete, 64 unchanged\n')
    expect(run.stderr).toMatch(/^in sync: \S+\n$/)
    expect(tap.sent).toEqual(['hello', ...LOOKS])
    expect(kept).toHaveLength(64)
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

  test('the dry run names the responders and the defaults, nothing else, and exits 2', async () => {
    tap.clear()
    const { code, stdout } = await reconcile('--dry-run', '--detailed-exitcode')
    const changes = stdout.split('\n').filter((line) => /^ {2}[-+~]/.test(line))
    expect(code).toBe(2)
    expect(changes).toHaveLength(6)
    expect(changes[0]).toMatch(/^ {2}\+ table=51,.*arp_tpa=10\.1\.0\.1,.* # \S+router\.yaml:7:7$/)
    expect(changes[1]).toMatch(/^ {2}\+ table=51,.*arp_tpa=10\.2\.0\.1,.* # \S+router\.yaml:8:7$/)
    expect(changes[2]).toMatch(/^ {2}\+ table=51,.*icmp,.*nw_dst=10\.1\.0\.1,.* # \S+router\.yaml:7:7$/)
    expect(changes[3]).toMatch(/^ {2}\+ table=51,.*icmp,.*nw_dst=10\.2\.0\.1,.* # \S+router\.yaml:8:7$/)
    expect(changes[4]).toBe(
      '  + table=51, priority=2,ip actions=write_metadata:0/0xffffffffff000000,goto_table:52',
    )
    expect(changes[5]).toBe('  + table=51, priority=1 actions=goto_table:55')
    expect(stdout).toContain('Router r1  ')
    expect(stdout).toContain('br-int: 6 to add, 0 to change, 0 to delete, 58 unchanged')
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

  test('a run repairs exactly those six', async () => {
    const { run, added, removed, renewed, kept } = await touchedBy(async () => {})
    expect(run).toMatchObject({ code: 0 })
    expect(added).toHaveLength(6)
    expect(added.every((flow) => flow.includes('table=51'))).toBe(true)
    expect({ removed, renewed, kept: kept.length }).toEqual({ removed: [], renewed: [], kept: 58 })
    expect(tap.count('flow_mod')).toBe(6)
    expect(await drift()).toMatchObject({ code: 0, stderr: '' })
  })
})

describe('an edit', () => {
  beforeEach(async () => {
    expect(await reconcile()).toMatchObject({ code: 0 })
  })
  afterEach(() => manifests.reset())

  test("of one port's MAC address replaces what it may send, its layer-2 flow and the router's way to it", async () => {
    const { added, removed, renewed, kept } = await touchedBy(() =>
      manifests.edit('ports.yaml', VM1_MAC, 'fa:16:3e:00:17:e7'),
    )
    expect(added).toContainEqual(expect.stringContaining('metadata=0x1f42,dl_dst=fa:16:3e:00:17:e7 '))
    expect(removed).toContainEqual(expect.stringContaining(`metadata=0x1f42,dl_dst=${VM1_MAC} `))
    expect(added.every((flow) => flow.includes('fa:16:3e:00:17:e7'))).toBe(true)
    expect(removed.every((flow) => flow.includes(VM1_MAC))).toBe(true)
    // Seven flows in table 1 and one in table 55 have it in their match, one in table 54 among its actions.
    expect({ added: added.length, renewed, kept: kept.length }).toEqual({ added: 9, renewed: [], kept: 55 })
    expect(tap.count('flow_mod')).toBe(8 + 8 + 1)
  })

  test('of a label touches no flow, but writes the new revision', async () => {
    const revision = () => lab.vsctl('get', 'Bridge', 'br-int', 'external_ids:reconcile-revision')
    const before = await revision()
    const { run, kept } = await touchedBy(() =>
      manifests.edit('ports.yaml', '{ name: vm1 }', '{ name: vm1, labels: { tier: web } }'),
    )
    expect(run).toMatchObject({ code: 0 })
    expect(kept).toHaveLength(64)
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
    expect(kept).toHaveLength(64)
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
    expect({ added: added.length, kept: kept.length }).toEqual({ added: 11, kept: 53 })
  })

  test('that removes a port removes its flows, the emptied group of its network and the way to it, nothing else', async () => {
    const { run, added, removed, renewed, kept } = await touchedBy(() =>
      manifests.write('ports.yaml', VM1_ALONE),
    )
    expect(run).toMatchObject({ code: 0 })
    const [from, linkLocal] = [`in_port=12,dl_src=${VM2_MAC}`, 'fe80::f816:3eff:fecf:4bed']
    expect(removed.map(place).sort()).toEqual([
      `arp,${from},arp_spa=0.0.0.0,arp_op=1,arp_sha=${VM2_MAC}`,
      `arp,${from},arp_spa=10.2.0.3,arp_sha=${VM2_MAC}`,
      `icmp6,${from},ipv6_src=::,icmp_type=135,nd_target=${linkLocal}`,
      `icmp6,${from},ipv6_src=${linkLocal},icmp_type=136,nd_target=${linkLocal}`,
      // of ingress, of what it may not send, and of what it asks
      ...['in_port=12', 'in_port=12', 'in_port=12'],
      'in_port=12,vlan_tci=0x1000/0x1000',
      `ip,${from},nw_src=10.2.0.3`,
      'ip,metadata=0x3e567e8acb000000/0xffffffffff000000,nw_dst=10.2.0.3',
      `ipv6,${from},ipv6_src=${linkLocal}`,
      'metadata=0x1f43,dl_dst=01:00:00:00:00:00/01:00:00:00:00:00',
      `metadata=0x1f43,dl_dst=${VM2_MAC}`,
      `udp,${from},nw_src=0.0.0.0,nw_dst=255.255.255.255,tp_src=68,tp_dst=67`,
    ])
    expect({ added, renewed, kept: kept.length }).toEqual({ added: [], renewed: [], kept: 50 })
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
    expect(kept).toHaveLength(66)
    expect(tap.count('flow_mod')).toBe(0)
  })

  test("an edit of one port's address touches only that port's connections, and where its address stands", async () => {
    const { removed, added, renewed, kept } = await touchedBy(() =>
      manifests.edit('ports.yaml', '10.1.0.3', '10.1.0.4'),
    )
    const itself = (address: string) => [
      `arp,in_port=11,dl_src=${VM1_MAC},arp_spa=${address},arp_sha=${VM1_MAC}`,
      `ip,in_port=11,dl_src=${VM1_MAC},nw_src=${address}`,
    ]
    const wayTo = (address: string) => `ip,metadata=0x3e567e8acb000000/0xffffffffff000000,nw_dst=${address}`
    expect(removed.map(place).sort()).toEqual([
      ...itself('10.1.0.3'),
      expect.stringContaining('nw_src=10.1.0.3,nw_dst=10.2.0.3'),
      expect.stringContaining('nw_src=10.2.0.3,nw_dst=10.1.0.3'),
      wayTo('10.1.0.3'),
    ])
    expect(added.map(place).sort()).toEqual([...itself('10.1.0.4'), wayTo('10.1.0.4')])
    expect({ renewed, kept: kept.length }).toEqual({ renewed: [], kept: 61 })
    expect(tap.count('flow_mod')).toBe(5 + 3)
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
