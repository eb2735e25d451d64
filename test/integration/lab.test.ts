// The lab that all integration tests stand on: a real switch with two VMs, and nothing left of it afterwards.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createLab, type Lab } from '../support/lab.js'
import { run, runOrThrow } from '../support/processes.js'
import type { Vm } from '../support/vm.js'
import { waitFor } from '../support/wait.js'

/** What is left on the machine of labs whose names begin so: namespaces and processes. */
async function remains(prefix: string): Promise<string[]> {
  const namespaces = (await runOrThrow('ip', ['netns', 'list']))
    .split('\n')
    .filter((line) => line.startsWith(prefix))
  const { stdout } = await run('ps', ['-eo', 'pid,args'])
  const processes = stdout.split('\n').filter((line) => line.includes(prefix) && !line.includes('<defunct>'))
  return [...namespaces, ...processes]
}

describe('a lab with two VMs on one bridge', () => {
  let lab: Lab
  let vm1: Vm
  let vm2: Vm

  beforeAll(async () => {
    lab = await createLab({ hostname: 'node-a' })
    await lab.addBridge('br-int')
    vm1 = await lab.addVm({ name: 'vm1', interface: 'tap-vm1', mac: 'fa:16:3e:00:17:e6', ip: '10.1.0.3/24' })
    vm2 = await lab.addVm({ name: 'vm2', interface: 'tap-vm2', mac: 'fa:16:3e:cf:4b:ed', ip: '10.1.0.4/24' })
  })

  afterAll(() => lab.destroy())

  const connect = async (): Promise<void> => {
    await lab.ofctl('add-flow', 'br-int', 'in_port=11,actions=output:12')
    await lab.ofctl('add-flow', 'br-int', 'in_port=12,actions=output:11')
  }

  test('a plugged interface gets the port number and the external ids asked for', async () => {
    expect(await vm1.plug({ ofport: 11, externalIds: { 'iface-id': 'port one' } })).toBe(11)
    expect(await vm2.plug({ bridge: 'br-int', ofport: 12 })).toBe(12)
    expect(await lab.vsctl('get', 'Interface', 'tap-vm1', 'external_ids:iface-id')).toBe('"port one"')
  })

  test('the database names the host', async () => {
    expect(await lab.vsctl('get', 'Open_vSwitch', '.', 'external_ids:hostname')).toBe('node-a')
  })

  test('a secure bridge without flows lets nothing through', async () => {
    expect(await lab.dumpFlows('br-int')).toEqual([])
    const { transmitted, received, lossPercent, rttsMs } = await vm1.ping('10.1.0.4', {
      count: 2,
      intervalMs: 50,
    })
    expect({ transmitted, received, lossPercent, rttsMs }).toEqual({
      transmitted: 2,
      received: 0,
      lossPercent: 100,
      rttsMs: [],
    })
  })

  test('with flows the VMs reach each other, and the capture sees those frames and no others', async () => {
    await connect()
    await vm1.ping('10.1.0.4', { count: 1 }) // and with it goes what waited for an ARP reply
    const capture = await vm2.capture('icmp or icmp6 or ip6')
    const { lossPercent, rttsMs } = await vm1.ping('10.1.0.4', { count: 3, intervalMs: 20 })
    const frames = await capture.stop()
    expect(lossPercent).toBe(0)
    expect(rttsMs).toHaveLength(3)
    expect(frames).toHaveLength(6)
    expect(frames[0]).toContain('fa:16:3e:00:17:e6 > fa:16:3e:cf:4b:ed')
    expect(frames[0]).toContain('10.1.0.3 > 10.1.0.4: ICMP echo request')
  })

  test('a capture with a wrong filter says so', async () => {
    await expect(vm2.capture('nonsense here')).rejects.toThrow('tcpdump')
  })

  test('a VM that changed its address is found under the new one', async () => {
    await vm2.setAddress('10.1.0.44/24', '10.1.0.1')
    expect((await vm1.ping('10.1.0.44', { count: 1 })).lossPercent).toBe(0)
    expect(await vm2.exec('ip', 'route', 'show', 'default')).toContain('via 10.1.0.1')
  })

  test('flows go with ovs-vswitchd, ports come back with the same numbers', async () => {
    await lab.restartSwitchd('SIGKILL')
    expect(await lab.dumpFlows('br-int')).toEqual([])
    await connect()
    expect((await vm1.ping('10.1.0.44', { count: 1 })).lossPercent).toBe(0)
  })

  test('an unplugged VM is off the bridge, its link stays', async () => {
    await vm2.unplug()
    expect(await lab.vsctl('list-ports', 'br-int')).toBe('tap-vm1')
    expect(await lab.ip('-o', 'link', 'show', 'tap-vm2')).toContain('UP')
  })

  test('the tunnel bridge is joined to br-int by port 6', async () => {
    await lab.addTunnelBridge()
    expect(await lab.vsctl('get', 'Interface', 'patch-tun', 'ofport')).toBe('6')
    expect(await lab.vsctl('list-ports', 'br-tun')).toBe('patch-int')
  })

  test('a failing command is an error with its own complaint', async () => {
    await expect(lab.ofctl('dump-flows', 'br-none')).rejects.toThrow('br-none is not a bridge or a socket')
  })

  test('a second lab beside it has a switch of its own', async () => {
    const other = await createLab()
    await other.addBridge('br-other')
    expect(await other.vsctl('list-br')).toBe('br-other')
    expect(await lab.vsctl('list-br')).toBe('br-int\nbr-tun')
    await other.destroy()
    expect(await remains(other.prefix)).toEqual([])
    expect(await lab.dumpFlows('br-int')).toHaveLength(2)
  })
})

describe('the end of a lab', () => {
  test('leaves no namespace, no process and no run directory, and can be asked for twice', async () => {
    const lab = await createLab()
    await lab.addBridge('br-int')
    await lab.addVm({ name: 'vm1', interface: 'tap-vm1', mac: 'fa:16:3e:00:17:e6', ip: '10.1.0.3/24' })
    const child = lab.spawn('sleep', ['1000'])
    expect(await remains(lab.prefix)).not.toEqual([])
    await lab.destroy()
    await lab.destroy()
    expect(child.signalCode).toBe('SIGKILL')
    expect(await remains(lab.prefix)).toEqual([])
    expect(existsSync(lab.runDir)).toBe(false)
  })

  test('comes by itself when the process that made it is killed', async () => {
    const labUrl = new URL('../support/lab.ts', import.meta.url).href
    const script = `const { createLab } = await import('${labUrl}'); console.log((await createLab()).runDir)`
    const maker = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [runDir] = (await once(createInterface(maker.stdout), 'line')) as [string]
    expect(existsSync(runDir)).toBe(true)
    maker.kill('SIGKILL')
    await waitFor(() => !existsSync(runDir), { what: 'the reaper' })
    expect(await remains(runDir.replace(/.*\//, ''))).toEqual([])
  })
})
