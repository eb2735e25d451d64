// The bridge itself: made where there is none, left as it is where there is one, and the OpenFlow version it allows.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { runCli } from '../support/cli.js'
import { createLab, type Lab } from '../support/lab.js'
import { copyExample, type ManifestFolder } from '../support/manifest-folder.js'
import { tapOpenFlow } from '../support/openflow-tap.js'
import type { Finished } from '../support/processes.js'
import type { Vm } from '../support/vm.js'

let lab: Lab
let manifests: ManifestFolder

beforeAll(async () => {
  lab = await createLab()
  manifests = await copyExample()
})

afterAll(async () => {
  await manifests.destroy()
  await lab.destroy()
})

async function reconcile(...args: readonly string[]): Promise<Finished> {
  return runCli([...args, manifests.path], { env: lab.env })
}

const bridges = async (): Promise<string> => lab.vsctl('list-br')
const column = (name: string): Promise<string> => lab.vsctl('get', 'Bridge', 'br-int', name)

async function removeBridges(): Promise<void> {
  for (const bridge of (await bridges()).split('\n').filter(Boolean)) await lab.vsctl('del-br', bridge)
}

describe('on a switch without any bridge', () => {
  afterEach(removeBridges)

  test('the dry run says that the bridge will be made, makes none, and exits 2', async () => {
    const { code, stdout, stderr } = await reconcile('--dry-run', '--detailed-exitcode')
    expect(code).toBe(2)
    expect(stdout).toMatch(/^\+ bridge br-int \(fail_mode=secure\)\n/)
    expect(stdout).toContain('br-int: 34 to add')
    expect(stderr).toContain('warning: port "vm1": interface tap-vm1 is not plugged into the bridge\n')
    expect(await bridges()).toBe('')
  })

  test('as JSON and for ovs-ofctl, too', async () => {
    const { stdout } = await reconcile('--dry-run', '-o', 'json')
    expect(JSON.parse(stdout)).toMatchObject({ plans: [{ bridge: 'br-int', createsBridge: true }] })
    expect((await reconcile('--dry-run', '-o', 'ofctl')).stdout).toMatch(
      /^# bridge br-int is to be made\nadd /,
    )
    expect(await bridges()).toBe('')
  })

  test('--datapath-type netdev makes a secure bridge of it, with our flows alone', async () => {
    const { code, stdout } = await reconcile('--datapath-type', 'netdev')
    expect(code).toBe(0)
    expect(stdout).toContain('+ bridge br-int (fail_mode=secure)')
    expect([await column('fail_mode'), await column('datapath_type')]).toEqual(['secure', 'netdev'])
    const flows = await lab.dumpFlows('br-int')
    expect(flows).toHaveLength(34)
    expect(flows.every((flow) => flow.startsWith('cookie=0xdf01'))).toBe(true)
    expect(await reconcile('--dry-run', '--detailed-exitcode')).toMatchObject({ code: 0 })
  })

  test('the datapath type is that of another bridge', async () => {
    await lab.addBridge('br-ex')
    expect(await reconcile()).toMatchObject({ code: 0 })
    expect(await column('datapath_type')).toBe('netdev')
  })

  test('--bridge names the bridge that is made', async () => {
    expect(await reconcile('--bridge', 'br-other', '--datapath-type', 'netdev')).toMatchObject({ code: 0 })
    expect(await bridges()).toBe('br-other')
  })

  test('without the kernel module the default datapath never comes up, and the error names the remedy', async () => {
    const started = performance.now()
    const { code, stdout, stderr } = await reconcile()
    expect(performance.now() - started).toBeLessThan(8_000)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^SWITCH_UNREACHABLE\n {2}Bridge br-int was made, but has no management socket/)
    expect(stderr).toContain('--datapath-type netdev')
    expect(stderr).toContain('ovs-vsctl del-br br-int')
    expect(await column('datapath_type')).toBe('""')
  })

  test('and when the bridge that did not come up is still there, the next run says so at once', async () => {
    await lab.vsctl('--no-wait', 'add-br', 'br-int')
    const { code, stderr } = await reconcile('--datapath-type', 'netdev')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^SWITCH_UNREACHABLE\n/)
    expect(stderr).toContain('datapath_type')
  })
})

describe('a bridge that exists', () => {
  afterEach(removeBridges)

  test('of which fail_mode is not set works, is left as it is, and that is said', async () => {
    await lab.vsctl('add-br', 'br-int', '--', 'set', 'Bridge', 'br-int', 'datapath_type=netdev')
    const { code, stderr } = await reconcile()
    expect(code).toBe(0)
    expect(stderr).toContain('warning: fail_mode of br-int is not secure; it is left as it is\n')
    expect(await column('fail_mode')).toBe('[]')
    expect((await reconcile('--dry-run')).stderr).toContain('warning: fail_mode of br-int is not secure')
    expect((await reconcile('-q')).stderr).toBe('')
  })

  test('of which somebody set fail_mode to standalone keeps it', async () => {
    await lab.addBridge('br-int', { failMode: 'standalone' })
    expect((await reconcile()).stderr).toContain('warning: fail_mode of br-int is not secure')
    expect(await column('fail_mode')).toBe('standalone')
  })

  test('keeps the NORMAL flow that ovs-vsctl gave it, below ours', async () => {
    await lab.vsctl('add-br', 'br-int', '--', 'set', 'Bridge', 'br-int', 'datapath_type=netdev')
    expect(await lab.dumpFlows('br-int')).toEqual(['priority=0 actions=NORMAL'])
    expect(await reconcile()).toMatchObject({ code: 0 })
    expect((await lab.dumpFlows('br-int', 'table=0')).sort()).toEqual([
      'cookie=0xdf01020000000000, priority=1 actions=drop',
      'priority=0 actions=NORMAL',
    ])
  })

  test('keeps its other settings', async () => {
    await lab.addBridge('br-int')
    await lab.vsctl(
      'set',
      'Bridge',
      'br-int',
      'external_ids:owner=me',
      'other_config:hwaddr=02:00:00:00:00:01',
    )
    expect(await reconcile('--datapath-type', 'system')).toMatchObject({ code: 0 })
    expect([await column('external_ids:owner'), await column('datapath_type')]).toEqual(['me', 'netdev'])
    expect(await column('controller')).toBe('[]')
  })
})

describe('OpenFlow versions', () => {
  let vm1: Vm
  let vm2: Vm

  beforeAll(async () => {
    const options = { ip: '10.1.0.3/24', gateway: '10.1.0.1' }
    vm1 = await lab.addVm({ name: 'vm1', interface: 'tap-vm1', mac: 'fa:16:3e:00:17:e6', ...options })
    const other = { ip: '10.2.0.3/24', gateway: '10.2.0.1' }
    vm2 = await lab.addVm({ name: 'vm2', interface: 'tap-vm2', mac: 'fa:16:3e:cf:4b:ed', ...other })
  })
  afterEach(removeBridges)

  /** The two flows of a connection between the machines, as `reconcile --watch` would make them. */
  const CONNECTION = [
    'metadata=0x1f42,in_port=11,dl_src=fa:16:3e:00:17:e6,dl_dst=fa:16:3e:c0:8d:8b,nw_src=10.1.0.3,nw_dst=10.2.0.3,' +
      'actions=dec_ttl,set_field:fa:16:3e:c5:02:4d->eth_src,set_field:fa:16:3e:cf:4b:ed->eth_dst,output:12',
    'metadata=0x1f43,in_port=12,dl_src=fa:16:3e:cf:4b:ed,dl_dst=fa:16:3e:c5:02:4d,nw_src=10.2.0.3,nw_dst=10.1.0.3,' +
      'actions=dec_ttl,set_field:fa:16:3e:c0:8d:8b->eth_src,set_field:fa:16:3e:00:17:e6->eth_dst,output:11',
  ]

  test.each(['OpenFlow13', 'OpenFlow13,OpenFlow14', 'OpenFlow15'])(
    'a bridge of %s alone serves',
    async (versions) => {
      await lab.addBridge('br-int', { protocols: versions })
      await vm1.plug({ ofport: 11 })
      await vm2.plug({ ofport: 12 })
      const tap = await tapOpenFlow(lab)
      const tapped = ['--openflow', tap.remote]
      expect(await reconcile(...tapped)).toMatchObject({ code: 0 })
      expect(tap.count('flow_mod')).toBe(62)
      tap.clear()
      expect((await reconcile(...tapped)).stdout).toContain(
        '0 to add, 0 to change, 0 to delete, 62 unchanged',
      )
      expect(await reconcile('--dry-run', '--detailed-exitcode', ...tapped)).toMatchObject({ code: 0 })
      expect(tap.count('flow_mod')).toBe(0)
      tap.close()

      const [version = ''] = versions.split(',')
      for (const half of CONNECTION) {
        const flow = `cookie=0xdf018a0000000000,table=52,priority=100,ip,${half}`
        await lab.ofctl('-O', version, 'add-flow', 'br-int', flow)
      }
      // The run gives the connection its cookie and timeout, and keeps it: the gateways answer, and packets are routed.
      expect((await reconcile()).stdout).toContain('0 to add, 2 to change, 0 to delete, 62 unchanged')
      expect(await vm1.ping('10.2.0.3', { count: 2, intervalMs: 20 })).toMatchObject({ received: 2 })
      expect(await reconcile('--dry-run', '--detailed-exitcode')).toMatchObject({ code: 0 })
    },
  )

  test('a bridge that allows OpenFlow 1.0 alone is refused with a remedy, and left empty', async () => {
    await lab.addBridge('br-int', { protocols: 'OpenFlow10' })
    const { code, stdout, stderr } = await reconcile()
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toBe(
      'VERSION_MISMATCH\n  The bridge speaks OpenFlow 1.0, but not 1.5, 1.4 or 1.3.\n' +
        '  Allow OpenFlow15 in the bridge: ovs-vsctl add bridge BRIDGE protocols OpenFlow15.\n',
    )
    expect(await lab.ofctl('-O', 'OpenFlow10', 'dump-flows', 'br-int')).not.toContain('cookie=0xdf')
  })
})

describe('where no Open vSwitch answers', () => {
  test('a run directory without a database is said, with what to check', async () => {
    const runDir = join(manifests.path, 'no-such-folder')
    const { code, stderr } = await runCli([manifests.path], { env: { OVS_RUNDIR: runDir } })
    expect(code).toBe(1)
    expect(stderr).toBe(
      `OVSDB_UNREACHABLE\n  Cannot connect to ovsdb-server at unix:${runDir}/db.sock: no such socket.\n` +
        '  Is ovsdb-server running? Say where its socket is with --ovsdb, --node NAME=unix:PATH or OVS_RUNDIR.\n',
    )
    expect(existsSync(runDir)).toBe(false)
  })

  test('a bridge of which ovs-vswitchd is gone is said', async () => {
    await lab.addBridge('br-int')
    await lab.stopSwitchd('SIGKILL')
    const { code, stderr } = await reconcile()
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^SWITCH_UNREACHABLE\n {2}Cannot reach the switch at unix:.*br-int\.mgmt: connection refused\.\n/,
    )
    expect(stderr).toContain('Check that ovs-vswitchd is running')
    await lab.startSwitchd()
    expect(await reconcile()).toMatchObject({ code: 0 })
  })
})
