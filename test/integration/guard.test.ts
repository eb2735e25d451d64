// Deletions in one-shot runs: what a set that lacks too much does to a real switch, and what a yes does.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { runCli } from '../support/cli.js'
import { flowAges, touchedFlows } from '../support/flow-ages.js'
import { createLab, type Lab } from '../support/lab.js'
import { copyExample, type ManifestFolder } from '../support/manifest-folder.js'
import type { Finished } from '../support/processes.js'
import { manifest, networkWithSubnet, VM1 } from '../support/scene.js'
import type { Vm } from '../support/vm.js'

const NEIGHBOUR = { name: 'vm3', interface: 'tap-vm3', mac: 'fa:16:3e:00:17:e8', ip: '10.1.0.4/24' } as const
const NEIGHBOUR_PORT = manifest('Port', 'vm3', {
  ...{ network: 'net1', macAddress: NEIGHBOUR.mac, interface: NEIGHBOUR.interface },
  fixedIps: [{ subnet: 'net1-v4', ipAddress: '10.1.0.4' }],
})

let lab: Lab
let vm1: Vm
let manifests: ManifestFolder

beforeAll(async () => {
  lab = await createLab()
  await lab.addBridge('br-int')
  vm1 = await lab.addVm(VM1)
  const vm3 = await lab.addVm(NEIGHBOUR)
  await vm1.plug({ ofport: 11 })
  await vm3.plug({ ofport: 13 })
  manifests = await copyExample()
})

beforeEach(async () => {
  await manifests.write('neighbour.yaml', NEIGHBOUR_PORT)
  expect(await reconcile()).toMatchObject({ code: 0 })
})
afterEach(async () => {
  await manifests.reset()
})
afterAll(async () => {
  await manifests.destroy()
  await lab.destroy()
})

async function reconcile(...args: readonly string[]): Promise<Finished> {
  return runCli([...args, manifests.path], { env: lab.env })
}

/** Runs, and tells what it did to the flows. */
async function touchedBy(...args: readonly string[]) {
  const before = await flowAges(lab)
  const run = await reconcile(...args)
  return { run, ...touchedFlows(before, await flowAges(lab)) }
}

const UNTOUCHED = { added: [], removed: [], renewed: [] }
const notes = () => lab.vsctl('get', 'Bridge', 'br-int', 'external_ids')
const neighbours = () => vm1.ping('10.1.0.4', { count: 3, intervalMs: 50 })

async function empty(): Promise<void> {
  for (const name of ['networks.yaml', 'ports.yaml', 'router.yaml', 'neighbour.yaml'])
    await manifests.remove(name)
}

test('how many objects there are stands on the bridge, beside the revision', async () => {
  expect(await notes()).toContain('reconcile-objects="Network:2,Subnet:2,Router:1,Port:3"')
})

describe('an empty folder', () => {
  beforeEach(empty)

  test('deletes nothing: exit 5, what is held, and what to do', async () => {
    const written = await notes()
    const { run, kept, ...touched } = await touchedBy()
    expect(run.code).toBe(5)
    expect(touched).toEqual(UNTOUCHED)
    expect(kept.length).toBeGreaterThan(20)
    expect(run.stderr).toMatch(/DELETIONS_HELD\n.*2 Networks, 2 Subnets, 1 Router, 3 Ports\./)
    expect(run.stderr).toMatch(
      /Check that the manifests are all there\. Use --max-deletes 8 .* --max-deletes 100%/,
    )
    expect(run.stderr).not.toMatch(/in sync|applied/)
    expect(await notes()).toBe(written)
    expect(await neighbours()).toMatchObject({ received: 3 })
  })

  test('is shown in full by a dry run, which exits 5, too', async () => {
    const { run, kept, ...touched } = await touchedBy('--dry-run', '--detailed-exitcode')
    expect(run.code).toBe(5)
    expect(touched).toEqual(UNTOUCHED)
    expect(kept.length).toBeGreaterThan(20)
    expect(run.stdout).toMatch(/br-int: 0 to add, 0 to change, [1-9]\d* to delete/)
    expect(run.stderr).toContain('Nothing is deleted of what the manifests no longer have')
    const { stdout } = await reconcile('--dry-run', '-o', 'json')
    expect(JSON.parse(stdout)).toMatchObject({
      plans: [{ held: { objects: { Port: 3 }, blocks: 'nothing' } }],
    })
  })

  test('is held without the note on the bridge, too', async () => {
    await lab.vsctl('remove', 'Bridge', 'br-int', 'external_ids', 'reconcile-objects')
    expect((await touchedBy()).run.code).toBe(5)
    expect(await neighbours()).toMatchObject({ received: 3 })
  })

  test('deletes all with a yes, and notes that nothing is left', async () => {
    expect(await reconcile('--max-deletes', '7')).toMatchObject({ code: 5 })
    expect(await reconcile('--dry-run', '--max-deletes', '8')).toMatchObject({ code: 0 })
    expect(await reconcile('--max-deletes', '8')).toMatchObject({ code: 0 })
    expect(await lab.dumpFlows('br-int', 'table=52,metadata=0x1f42')).toEqual([])
    expect(await notes()).toContain('reconcile-objects=""')
    expect(await reconcile()).toMatchObject({ code: 0 })
  })
})

describe('a file that ends between two objects', () => {
  test('deletes nothing, and what is new and what is changed goes on', async () => {
    await manifests.remove('ports.yaml')
    await manifests.write('neighbour.yaml', networkWithSubnet('net3', 8004, '10.3.0.0/24').join('\n---\n'))
    await manifests.edit(
      'networks.yaml',
      '10.2.0.0/24, gatewayIp: 10.2.0.1',
      '10.22.0.0/24, gatewayIp: 10.22.0.1',
    )
    const { run, added, removed, renewed } = await touchedBy()
    expect(run.code).toBe(5)
    expect(run.stderr).toMatch(/: 3 Ports\./)
    expect(added).toContainEqual(expect.stringContaining('metadata=0x1f44,nw_dst=10.3.0.0/24'))
    expect(added).toContainEqual(expect.stringContaining('metadata=0x1f43,nw_dst=10.22.0.0/24'))
    expect(removed.every((flow) => flow.includes('10.2.0.'))).toBe(true)
    expect(renewed).toEqual([])
    expect(run.stderr).toContain('applied and verified, but for what follows')
    expect(await neighbours()).toMatchObject({ received: 3 })
    // and again: nothing is done twice
    expect(await touchedBy()).toMatchObject({ ...UNTOUCHED, run: { code: 5 } })
  })

  test('is forgotten when the objects are back', async () => {
    await manifests.remove('ports.yaml')
    await manifests.remove('neighbour.yaml')
    expect(await reconcile()).toMatchObject({ code: 5 })
    await manifests.reset()
    await manifests.write('neighbour.yaml', NEIGHBOUR_PORT)
    expect(await touchedBy()).toMatchObject({ ...UNTOUCHED, run: { code: 0 } })
  })
})

describe('without a yes', () => {
  test('one port of three goes', async () => {
    await manifests.remove('neighbour.yaml')
    const { run, removed } = await touchedBy()
    expect(run.code).toBe(0)
    expect(removed.length).toBeGreaterThan(0)
    expect(await lab.dumpFlows('br-int', 'in_port=13')).toEqual([])
  })

  test('the only router stays', async () => {
    await manifests.remove('router.yaml')
    expect(await touchedBy()).toMatchObject({ ...UNTOUCHED, run: { code: 5 } })
    expect(await reconcile('--max-deletes', '1')).toMatchObject({ code: 0 })
  })

  test('flows that somebody wiped come back, and a port that is unplugged is no deletion', async () => {
    await lab.ofctl('del-flows', 'br-int')
    expect(await reconcile()).toMatchObject({ code: 0 })
    expect(await neighbours()).toMatchObject({ received: 3 })
    await vm1.unplug()
    expect(await reconcile()).toMatchObject({ code: 0 })
    expect(await lab.dumpFlows('br-int', 'in_port=11')).toEqual([])
    await vm1.plug({ ofport: 11 })
  })
})
