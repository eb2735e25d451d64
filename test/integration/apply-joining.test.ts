// How ports of the manifests find their interfaces on the switch, and which ports are this node's.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { runCli } from '../support/cli.js'
import { createLab, type Lab } from '../support/lab.js'
import { copyExample, type ManifestFolder } from '../support/manifest-folder.js'
import type { Finished } from '../support/processes.js'
import type { Vm } from '../support/vm.js'

const MAC = 'fa:16:3e:00:17:e6'

let lab: Lab
let manifests: ManifestFolder
let vm1: Vm
let vm2: Vm

beforeAll(async () => {
  lab = await createLab({ hostname: 'node-a.example.org' })
  await lab.addBridge('br-int')
  vm1 = await lab.addVm({ name: 'vm1', interface: 'tap-vm1', mac: MAC })
  vm2 = await lab.addVm({ name: 'vm2', interface: 'tap-vm2', mac: 'fa:16:3e:cf:4b:ed' })
  manifests = await copyExample()
})

afterAll(async () => {
  await manifests.destroy()
  await lab.destroy()
})

async function reconcile(...args: readonly string[]): Promise<Finished> {
  return runCli([...args, manifests.path], { env: lab.env })
}

/** Numbers of the ports that may send. */
async function claimed(): Promise<string[]> {
  const flows = await lab.dumpFlows('br-int', 'table=0')
  return flows
    .flatMap((flow) => /priority=1000,in_port=(\d+) actions=write_metadata/.exec(flow)?.[1] ?? [])
    .sort()
}

/** The bridge may become another node's. */
async function forgetNode(): Promise<void> {
  await lab.vsctl('remove', 'Bridge', 'br-int', 'external_ids', 'reconcile-node')
}

function warnings({ stderr }: Finished): string[] {
  return stderr.split('\n').filter((line) => line.startsWith('warning: '))
}

describe('a port', () => {
  afterEach(async () => {
    await lab.vsctl('--if-exists', 'del-port', 'tap-vm1')
    await lab.vsctl('--if-exists', 'del-port', 'tap-vm2')
    await manifests.reset()
  })

  test('whose interface is not plugged is a warning, has no flows, and gets them once it is plugged', async () => {
    await vm1.plug({ ofport: 11 })
    const first = await reconcile()
    expect(first.code).toBe(0)
    expect(warnings(first)).toEqual(['warning: port "vm2": interface tap-vm2 is not plugged into the bridge'])
    expect(await claimed()).toEqual(['11'])
    expect(await lab.dumpFlows('br-int', 'table=55,metadata=0x1f43')).toEqual([])
    await vm2.plug({ ofport: 12 })
    const second = await reconcile()
    expect([second.code, warnings(second)]).toEqual([0, []])
    expect(await claimed()).toEqual(['11', '12'])
  })

  test('finds its interface by name, whatever number the switch gave it', async () => {
    await vm1.plug({ ofport: 77 })
    expect(await reconcile()).toMatchObject({ code: 0 })
    expect(await claimed()).toEqual(['77'])
  })

  test('follows its interface to another number', async () => {
    await vm1.plug({ ofport: 21 })
    await reconcile()
    await vm1.unplug()
    await vm1.plug({ ofport: 22 })
    expect(await reconcile()).toMatchObject({ code: 0 })
    expect(await claimed()).toEqual(['22'])
    expect(await lab.dumpFlows('br-int', `table=55,metadata=0x1f42,dl_dst=${MAC}`)).toEqual([
      expect.stringContaining('actions=output:22'),
    ])
  })

  test('finds its interface by external_ids:iface-id', async () => {
    await manifests.edit('ports.yaml', 'interface: tap-vm1', 'ifaceId: 7f3c-one')
    await vm1.plug({ ofport: 31, externalIds: { 'iface-id': '7f3c-one' } })
    const { code, stdout } = await reconcile()
    expect(code).toBe(0)
    expect(stdout).toContain('in_port=31 actions=write_metadata:0x1f42')
    expect(await claimed()).toEqual(['31'])
  })

  test('that names neither is looked for by its own name as iface-id', async () => {
    await manifests.edit('ports.yaml', '  interface: tap-vm1\n', '')
    await vm1.plug({ ofport: 32, externalIds: { 'iface-id': 'vm1' } })
    expect(warnings(await reconcile())).toEqual([expect.stringContaining('port "vm2"')])
    expect(await claimed()).toEqual(['32'])
  })

  test('whose iface-id nothing carries is a warning that says which', async () => {
    await manifests.edit('ports.yaml', 'interface: tap-vm1', 'ifaceId: 7f3c-one')
    await vm1.plug({ externalIds: { 'iface-id': '7f3c-two' } })
    expect(warnings(await reconcile())).toContain(
      'warning: port "vm1": iface-id 7f3c-one is not plugged into the bridge',
    )
    expect(await claimed()).toEqual([])
  })

  test('whose interface has another attached-mac works, and the warning names both addresses', async () => {
    await vm1.plug({ ofport: 11, externalIds: { 'attached-mac': 'fa:16:3e:99:99:99' } })
    const run = await reconcile()
    expect(run.code).toBe(0)
    expect(warnings(run)).toContain(
      `warning: port "vm1": interface tap-vm1 says attached-mac fa:16:3e:99:99:99, the manifest says ${MAC}`,
    )
    expect(await claimed()).toEqual(['11'])
  })

  test('whose interface has the same attached-mac in capitals is no warning', async () => {
    await vm1.plug({ externalIds: { 'attached-mac': MAC.toUpperCase() } })
    expect(warnings(await reconcile())).toEqual([expect.stringContaining('port "vm2"')])
  })

  test('whose interface the switch cannot open is a warning with the reason of the switch', async () => {
    await lab.vsctl('--no-wait', 'add-port', 'br-int', 'tap-none')
    await manifests.edit('ports.yaml', 'interface: tap-vm1', 'interface: tap-none')
    await expect(lab.vsctl('wait-until', 'Interface', 'tap-none', 'ofport=-1')).resolves.toBe('')
    const run = await reconcile()
    expect(run.code).toBe(0)
    expect(warnings(run)).toContainEqual(
      expect.stringMatching(/port "vm1": interface tap-none .*No such device/),
    )
    await lab.vsctl('del-port', 'tap-none')
  })

  test('whose iface-id two interfaces carry gets the first by name, and the warning names both', async () => {
    await manifests.edit('ports.yaml', 'interface: tap-vm1', 'ifaceId: 7f3c-one')
    await vm1.plug({ ofport: 11, externalIds: { 'iface-id': '7f3c-one' } })
    await vm2.plug({ ofport: 12, externalIds: { 'iface-id': '7f3c-one' } })
    const run = await reconcile()
    expect(run.code).toBe(0)
    expect(warnings(run)).toEqual([
      'warning: port "vm1": iface-id 7f3c-one is carried by tap-vm1 and tap-vm2; tap-vm1 is used',
    ])
    expect(await lab.dumpFlows('br-int', 'table=55,metadata=0x1f42')).toContainEqual(
      expect.stringContaining(`dl_dst=${MAC} actions=output:11`),
    )
  })

  test('whose interface another port has already taken is a warning, and has no flows', async () => {
    await manifests.edit('ports.yaml', 'interface: tap-vm2', 'ifaceId: 7f3c-one')
    await vm1.plug({ ofport: 11, externalIds: { 'iface-id': '7f3c-one' } })
    const run = await reconcile()
    expect(run.code).toBe(0)
    expect(warnings(run)).toEqual(['warning: port "vm2": interface tap-vm1 is already that of port vm1'])
    expect(await claimed()).toEqual(['11'])
    expect(await lab.dumpFlows('br-int', 'table=55,metadata=0x1f43')).toEqual([])
  })

  test('on another bridge is not plugged', async () => {
    await lab.addBridge('br-ex')
    await vm1.plug({ bridge: 'br-ex' })
    expect(warnings(await reconcile())).toContainEqual(expect.stringContaining('port "vm1"'))
    expect(await claimed()).toEqual([])
    await lab.vsctl('del-br', 'br-ex')
  })
})

describe('a port with a host', () => {
  beforeAll(async () => {
    await vm1.plug({ ofport: 11 })
    await vm2.plug({ ofport: 12 })
  })
  afterEach(async () => {
    await manifests.reset()
    await lab.vsctl('set', 'Open_vSwitch', '.', 'external_ids:hostname=node-a.example.org')
  })

  /** vm1 is of this host, vm2 of another. */
  const place = async (here: string, elsewhere: string): Promise<void> => {
    await forgetNode()
    const node = (name: string, ip: string): string =>
      `---\napiVersion: reconcile/v1\nkind: Node\nmetadata: { name: ${name} }\n` +
      `spec: { tunnelIp: ${ip}, encapsulation: geneve }\n`
    await manifests.write('nodes.yaml', node(here, '192.0.2.11') + node(elsewhere, '192.0.2.12'))
    await manifests.edit('ports.yaml', 'interface: tap-vm1', `interface: tap-vm1\n  host: ${here}`)
    await manifests.edit('ports.yaml', 'interface: tap-vm2', `interface: tap-vm2\n  host: ${elsewhere}`)
  }

  test('elsewhere has no flows, though its interface is plugged, and no warning', async () => {
    await place('node-a', 'node-b')
    const run = await reconcile()
    expect([run.code, warnings(run)]).toEqual([0, []])
    expect(await claimed()).toEqual(['11'])
  })

  test('is here when the host is the name in OVSDB in full', async () => {
    await place('node-a.example.org', 'node-a')
    await reconcile()
    expect(await claimed()).toEqual(['11'])
  })

  test('is here when the host has the first label of the name in OVSDB', async () => {
    await place('node-a.example.net', 'node-b.example.org')
    await reconcile()
    expect(await claimed()).toEqual(['11'])
  })

  test('is here when --node says so, whatever OVSDB says', async () => {
    await place('node-a', 'node-b')
    const { stdout } = await reconcile('--node', 'node-b')
    expect(stdout).toContain('node-b br-int: ')
    expect(await claimed()).toEqual(['12'])
  })

  test('is here when RECONCILE_NODE says so, and --node goes before it', async () => {
    await place('node-a', 'node-b')
    const env = { ...lab.env, RECONCILE_NODE: 'node-b' }
    await runCli([manifests.path], { env })
    expect(await claimed()).toEqual(['12'])
    await forgetNode()
    await runCli(['--node', 'node-a', manifests.path], { env })
    expect(await claimed()).toEqual(['11'])
  })

  test('follows the name in OVSDB', async () => {
    await place('node-a', 'node-b')
    await lab.vsctl('set', 'Open_vSwitch', '.', 'external_ids:hostname=node-b')
    await reconcile()
    expect(await claimed()).toEqual(['12'])
  })
})
