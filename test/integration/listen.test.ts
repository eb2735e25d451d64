// Real bridges that connect to `--listen`, as to any OpenFlow controller: each is served by itself, with no OVSDB.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { runCli, type RunningCli } from '../support/cli.js'
import type { Lab } from '../support/lab.js'
import {
  createTwoVmLab,
  logOf,
  portOf,
  startWatch,
  TWO_NETWORKS,
  VM1,
  VM2,
  writeManifests,
} from '../support/scene.js'
import type { Vm } from '../support/vm.js'
import { waitFor } from '../support/wait.js'

const VM3 = {
  ...VM1,
  name: 'vm3',
  interface: 'tap-vm3',
  mac: 'fa:16:3e:00:00:03',
  ip: '10.1.0.4/24',
} as const
const VM4 = {
  ...VM2,
  name: 'vm4',
  interface: 'tap-vm4',
  mac: 'fa:16:3e:00:00:04',
  ip: '10.2.0.4/24',
} as const
const NET = [
  ...TWO_NETWORKS,
  ...[VM1, VM3].map((vm) => portOf(vm, 'net1')),
  ...[VM2, VM4].map((vm) => portOf(vm, 'net2')),
]
const LISTEN = 'tcp:127.0.0.1:6653'

describe('two bridges that connect to one daemon', () => {
  let lab: Lab
  let [vm1, vm3]: (Vm | undefined)[] = []
  let daemon: RunningCli
  let file: string

  beforeAll(async () => {
    ;({ lab, vm1 } = await createTwoVmLab())
    await lab.ip('link', 'set', 'lo', 'up')
    await lab.addBridge('br-two')
    vm3 = await lab.addVm(VM3)
    await vm3.plug({ bridge: 'br-two' })
    await (await lab.addVm(VM4)).plug({ bridge: 'br-two' })
    file = await writeManifests(lab, 'net.yaml', NET)
    for (const bridge of ['br-int', 'br-two']) await setController(lab, bridge)
    // No socket of OVSDB is where the daemon would look for one.
    daemon = await startWatch(lab, [file, '--listen', LISTEN, '--socket', `${lab.runDir}/status`], {
      OVS_RUNDIR: '/nonexistent',
    })
    await waitFor(() => logOf(daemon).filter(({ msg }) => /in sync/.test(msg)).length >= 2, {
      what: 'a pass on each bridge',
      timeoutMs: 20_000,
    })
  })

  afterAll(() => lab.destroy())

  test('have their first packets routed, each by itself', async () => {
    const [here, there] = await Promise.all([vm1?.ping('10.2.0.3'), vm3?.ping('10.2.0.4')])
    expect(here).toMatchObject({ transmitted: 3, received: 3 })
    expect(there).toMatchObject({ transmitted: 3, received: 3 })
    for (const bridge of ['br-int', 'br-two']) expect(await connections(lab, bridge)).toHaveLength(2)
  })

  test('have flows back that somebody deletes', async () => {
    const model = async () =>
      (await lab.dumpFlows('br-two')).filter((line) => !line.includes('priority=100,ip,metadata')).sort()
    const before = await model()
    await lab.ofctl('del-flows', 'br-two', 'table=0')
    await daemon.waitForLine(/drift|put right|repaired/i)
    await waitFor(async () => (await model()).join() === before.join(), { what: 'the flows of before' })
  })

  test('are asked for their status by their datapath ids', async () => {
    const dpid = (await lab.vsctl('get', 'Bridge', 'br-two', 'datapath_id')).replaceAll('"', '')
    const { code, stdout } = await runCli(['status', '--socket', `${lab.runDir}/status.${dpid}`])
    expect(stdout).toContain(dpid)
    // Nothing can be noted on the bridge: the daemon itself knows what it has applied.
    expect(stdout).toMatch(/revision [+\w:]+/)
    expect(stdout).not.toContain('revision none')
    expect(code).toBe(0)
  })

  test('cannot be suspended, as there is no place to note it', async () => {
    const dpid = (await lab.vsctl('get', 'Bridge', 'br-two', 'datapath_id')).replaceAll('"', '')
    const { code, stderr } = await runCli(['suspend', '--socket', `${lab.runDir}/status.${dpid}`])
    expect(stderr).toContain('no place for the word that it is suspended')
    expect(code).toBe(1)
  })

  test('of which one goes leave the other as it is', async () => {
    await lab.vsctl('del-controller', 'br-two')
    await daemon.waitForLine(/the switch has gone/)
    await lab.ofctl('del-flows', 'br-int', 'cookie=0xdf018a0000000000/0xffffff0000000000')
    expect(await vm1?.ping('10.2.0.3')).toMatchObject({ transmitted: 3, received: 3 })
  })

  test('find an address in use said, with exit code 1', async () => {
    const { code, stderr } = await runCli(['--watch', file, '--listen', `unix:${lab.runDir}/db.sock`])
    expect(stderr).toContain('LISTEN_FAILED')
    expect(stderr).toContain('another program listens there')
    expect(code).toBe(1)
  })
})

/** Secure, and out of band: else Open vSwitch adds flows of its own for the way to the controller. */
async function setController(lab: Lab, bridge: string): Promise<void> {
  await lab.vsctl(
    ...['set', 'Bridge', bridge, 'other_config:disable-in-band=true', '--'],
    ...['set-controller', bridge, LISTEN, '--', 'set', 'Controller', bridge, 'connection_mode=out-of-band'],
    'max_backoff=1000',
  )
}

function connections(lab: Lab, bridge: string): Promise<readonly string[]> {
  return lab.dumpFlows(bridge, 'cookie=0xdf018a0000000000/0xffffff0000000000')
}
