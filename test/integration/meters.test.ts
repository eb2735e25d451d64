// Meters in front of the controller on a real switch: made, kept and taken away with the flows that use them.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectOpenFlow } from '../../src/openflow/connection.js'
import { readMeterCounts } from '../../src/switch/meter-counts.js'
import { runCli, type RunningCli } from '../support/cli.js'
import { createLab, type Lab } from '../support/lab.js'
import { ipv4Frame } from '../support/packets.js'
import type { Finished } from '../support/processes.js'
import {
  countersOf,
  createTwoVmLab,
  logOf,
  portOf,
  startWatch,
  TWO_NETWORKS,
  VM1,
  VM2,
  writeManifests,
} from '../support/scene.js'
import { startNoise } from '../support/traffic.js'
import type { Vm } from '../support/vm.js'
import { waitFor } from '../support/wait.js'

const NET = [...TWO_NETWORKS, portOf(VM1, 'net1'), portOf(VM2, 'net2')]

/** Text of a meter as `ovs-ofctl add-meter` reads it. */
const meter = (id: number, rate = 200, burst = rate) =>
  `meter=${id},pktps,burst,band=type=drop,rate=${rate},burst_size=${burst}`

/** The meters of br-int, each in the words of `add-meter`. */
async function metersOf(lab: Lab, version = 'OpenFlow15'): Promise<readonly string[]> {
  const dump = await lab.ofctl('-O', version, 'dump-meters', 'br-int')
  const meters = dump.matchAll(/^meter=(\d+) (.*) bands=\n((?:type=.*\n?)*)/gm)
  const texts = [...meters].map(([, id, flags = '', bands = '']) => {
    const words = bands.trim().split('\n').join(',band=').replaceAll(' ', ',')
    return `meter=${id ?? ''},${flags.replaceAll(' ', ',')},band=${words}`
  })
  return texts.sort()
}

/** What the flows of table 56 do, with the ports that they are of. */
async function puntsOf(lab: Lab, version = 'OpenFlow15'): Promise<readonly string[]> {
  const dump = await lab.ofctl('-O', version, '--no-stats', '--no-names', 'dump-flows', 'br-int', 'table=56')
  const flows = dump.matchAll(/in_port=(\d+) actions=(.*)$/gm)
  return [...flows].map(([, port, actions]) => `${port ?? ''} ${actions ?? ''}`).sort()
}

/** Waits until this is what there is. */
async function become(look: () => Promise<readonly string[]>, wanted: readonly string[]): Promise<void> {
  const isSame = async () => {
    expect(await look()).toEqual(wanted)
    return true
  }
  await waitFor(isSame)
}

const METERED = ['11 meter:11,CONTROLLER:65535', '12 meter:12,CONTROLLER:65535']

describe.each(['OpenFlow13', 'OpenFlow14', 'OpenFlow15'])('a run over %s', (version) => {
  let lab: Lab
  let path: string

  beforeAll(async () => {
    lab = await createLab()
    await lab.addBridge('br-int', { protocols: version })
    await (await lab.addVm(VM1)).plug({ ofport: 11 })
    await (await lab.addVm(VM2)).plug({ ofport: 12 })
    path = await writeManifests(lab, 'net.yaml', NET)
  })

  afterAll(() => lab.destroy())

  const reconcile = (...args: readonly string[]): Promise<Finished> =>
    runCli([...args, path], { env: lab.env })

  test('gives each port a meter, says so, and finds nothing to do the second time', async () => {
    const plan = await reconcile('--dry-run', '--detailed-exitcode')
    expect(plan).toMatchObject({ code: 2 })
    expect(plan.stdout).toContain(`  + ${meter(11)}  # Port vm1\n  + ${meter(12)}  # Port vm2\n`)
    expect(plan.stdout).toContain('meters: 2 to add, 0 to change, 0 to delete')
    expect(await reconcile()).toMatchObject({ code: 0 })
    expect(await metersOf(lab, version)).toEqual([meter(11), meter(12)])
    expect(await puntsOf(lab, version)).toEqual(METERED)
    const second = await reconcile('--dry-run', '--detailed-exitcode')
    expect(second).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^br-int: 0 to add, .*unchanged\n$/),
    })
    expect((await reconcile()).stderr).toMatch(/^in sync/)
  })

  test('changes their size without touching a flow, and takes them away with the flows that use them', async () => {
    const sized = await reconcile('--packet-in-rate', '100', '--packet-in-burst', '50')
    expect(sized.stdout).toContain(`  ~ ${meter(11, 100, 50)}  # Port vm1\n      was ${meter(11)}\n`)
    expect(sized.stdout).toMatch(
      /br-int: 0 to add, 0 to change, .*; meters: 0 to add, 2 to change, 0 to delete/,
    )
    expect(await metersOf(lab, version)).toEqual([meter(11, 100, 50), meter(12, 100, 50)])
    const unlimited = await reconcile('--packet-in-rate', '0')
    expect(unlimited).toMatchObject({ code: 0 })
    expect(unlimited.stdout).toContain(`  - ${meter(11, 100, 50)}\n`)
    expect(await metersOf(lab, version)).toEqual([])
    expect(await puntsOf(lab, version)).toEqual(['11 CONTROLLER:65535', '12 CONTROLLER:65535'])
  })
})

describe('the plan of -o ofctl', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = (await createTwoVmLab()).lab
  })
  afterAll(() => lab.destroy())

  test('names in comments the commands that make the meters, and these do', async () => {
    const path = await writeManifests(lab, 'net.yaml', NET)
    const { stdout } = await runCli(['--dry-run', '-o', 'ofctl', path], { env: lab.env })
    const commands = stdout.split('\n').filter((line) => line.startsWith('# ovs-ofctl '))
    expect(commands).toEqual([11, 12].map((id) => `# ovs-ofctl -O OpenFlow15 add-meter br-int ${meter(id)}`))
    for (const command of commands) await lab.ofctl(...command.split(' ').slice(2))
    await writeManifests(lab, 'plan.flows', [stdout])
    await lab.ofctl('--bundle', 'add-flows', 'br-int', `${lab.runDir}/plan.flows`)
    expect(await runCli(['--dry-run', '--detailed-exitcode', path], { env: lab.env })).toMatchObject({
      code: 0,
    })
  })
})

describe('what somebody else does to meters', () => {
  let lab: Lab
  let vm1: Vm
  let path: string
  let daemon: RunningCli | undefined

  beforeAll(async () => {
    ;({ lab, vm1 } = await createTwoVmLab())
    path = await writeManifests(lab, 'net.yaml', NET)
  })
  afterAll(() => lab.destroy())

  const start = async (...args: readonly string[]): Promise<void> => {
    daemon = await startWatch(lab, [path, ...args])
  }
  const stopped = async (): Promise<void> => {
    await daemon?.stop()
  }
  const metersBecome = (...wanted: readonly string[]) => become(() => metersOf(lab), wanted)

  test('a change is put right by the next sweep', async () => {
    await start('--sweep-interval', '1')
    await lab.ofctl('mod-meter', 'br-int', meter(11, 9))
    await metersBecome(meter(11), meter(12))
    await stopped()
  })

  test('a deletion, with which the flow goes, is put right at once', async () => {
    await start('--sweep-interval', '0')
    await lab.ofctl('del-meter', 'br-int', 'meter=11')
    await metersBecome(meter(11), meter(12))
    await become(() => puntsOf(lab), METERED)
    await lab.ofctl('del-meters', 'br-int')
    await metersBecome(meter(11), meter(12))
    await become(() => puntsOf(lab), METERED)
    await stopped()
  })

  test('a change is left where drift is only to be told, and said', async () => {
    const config = await writeManifests(lab, 'conf', ['sync: { onDrift: warn }'])
    await start('--sweep-interval', '1', '--config', config)
    await lab.ofctl('mod-meter', 'br-int', meter(11, 9))
    await daemon!.waitForLine(/another program changed meter=11,pktps,burst,band=type=drop,rate=9/)
    expect(await metersOf(lab)).toEqual([meter(11, 9), meter(12)])
    await stopped()
    await start('--sweep-interval', '0')
    await metersBecome(meter(11), meter(12))
    await stopped()
  })

  test('a port that is unplugged takes its meter with it, and gets one when it comes back', async () => {
    await start('--sweep-interval', '0')
    await vm1.unplug()
    await metersBecome(meter(12))
    const ofport = await vm1.plug()
    await metersBecome(...[meter(12), meter(ofport)].sort())
    await vm1.unplug()
    await metersBecome(meter(12))
    await vm1.plug({ ofport: 11 })
    await metersBecome(meter(11), meter(12))
    await stopped()
  })

  test('a switch that starts again has its meters and their flows back', async () => {
    await start('--sweep-interval', '0')
    await lab.restartSwitchd()
    await metersBecome(meter(11), meter(12))
    await become(() => puntsOf(lab), METERED)
    expect(logOf(daemon!).filter(({ level }) => level >= 50)).toEqual([])
    await stopped()
  })

  test('a process that is killed between meters and flows leaves a switch that the next one completes', async () => {
    for (const failpoint of ['before-bundle', 'bundle-add', 'commit-answered']) {
      for (const rate of ['0', '70', '200']) {
        const env = { ...lab.env, RECONCILE_FAILPOINT: failpoint }
        await runCli(['--packet-in-rate', rate, path], { env })
        expect((await puntsOf(lab)).length).toBe(2)
        expect(await runCli(['--packet-in-rate', rate, path], { env: lab.env })).toMatchObject({ code: 0 })
        const again = ['--dry-run', '--detailed-exitcode', '--packet-in-rate', rate, path]
        expect(await runCli(again, { env: lab.env })).toMatchObject({ code: 0 })
      }
    }
    expect(await puntsOf(lab)).toEqual(METERED)
    expect(await metersOf(lab)).toEqual([meter(11), meter(12)])
  })
})

describe("somebody else's meter under the number of one of ours", () => {
  let lab: Lab
  let path: string

  beforeAll(async () => {
    lab = (await createTwoVmLab()).lab
    path = await writeManifests(lab, 'net.yaml', NET)
    await lab.ofctl('add-meter', 'br-int', 'meter=11,kbps,band=type=drop,rate=1000')
    await lab.ofctl('add-flow', 'br-int', 'table=9,priority=9 actions=meter:11,CONTROLLER')
  })
  afterAll(() => lab.destroy())

  const theirs = 'meter=11,kbps,band=type=drop,rate=1000'

  test('is a conflict: left alone, while our flow goes without, and so at every run', async () => {
    for (let i = 0; i < 2; i++) {
      const run = await runCli([path], { env: lab.env })
      expect(run).toMatchObject({ code: 7, stderr: expect.stringContaining('FOREIGN_METER') })
      expect(run.stdout).toContain(`      ours    ${meter(11)}\n      foreign ${theirs}\n`)
      expect(await metersOf(lab)).toEqual([theirs, meter(12)])
      expect(await puntsOf(lab)).toEqual(['11 CONTROLLER:65535', METERED[1]])
    }
    const dry = await runCli(['--dry-run', '--detailed-exitcode', path], { env: lab.env })
    expect(dry).toMatchObject({ code: 2 })
  })

  test('is said once by a daemon, and taken when nobody uses it any more', async () => {
    const daemon = await startWatch(lab, [path, '--sweep-interval', '1'])
    await daemon.waitForLine(/flows of somebody else use 1 meter \(11\), left alone: of 1 port \(vm1\)/)
    await lab.ofctl('del-flows', 'br-int', 'table=9')
    await become(() => metersOf(lab), [meter(11), meter(12)])
    await become(() => puntsOf(lab), METERED)
    await daemon.stop()
  })
})

test('a switch that has no room for all meters has the other flows go without, and says so', async () => {
  const { lab } = await createTwoVmLab()
  try {
    const path = await writeManifests(lab, 'net.yaml', NET)
    await fillMeters(lab)
    for (const state of ['applied and verified', 'in sync']) {
      const { code, stderr } = await runCli([path], { env: lab.env })
      expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining(state) })
      expect(stderr).toContain('refuses meters with OFPMMFC_OUT_OF_METERS: of 1 port (vm2) nothing limits')
      expect(await puntsOf(lab)).toEqual([METERED[0], '12 CONTROLLER:65535'])
    }
  } finally {
    await lab.destroy()
  }
})

/** Makes so many meters that there is room for one more. */
async function fillMeters(lab: Lab): Promise<void> {
  const connection = await connectOpenFlow(
    { kind: 'unix', path: `${lab.runDir}/br-int.mgmt` },
    { timeoutMs: 60_000 },
  )
  const [features] = await connection.multipart({ type: 'meter_features_request', flags: 0 })
  const bands = [{ type: 'drop', rate: 1, burstSize: 1 }] as const
  for (let i = 1; i < features!.maxMeter; i++) {
    const fits = connection.send({ type: 'meter_mod', command: 0, flags: 6, meterId: 0x10000 + i, bands })
    if (!fits) await connection.drained()
  }
  await connection.barrier()
  connection.close()
}

test('a flood from one port reaches the controller at the rate of its meter, and the rest is counted', async () => {
  const { lab, vm1 } = await createTwoVmLab()
  try {
    const path = await writeManifests(lab, 'net.yaml', NET)
    const [rate, burst] = [50, 20]
    const daemon = await startWatch(lab, [path, '--packet-in-rate', '50', '--packet-in-burst', '20'])
    const connection = await connectOpenFlow({ kind: 'unix', path: `${lab.runDir}/br-int.mgmt` })
    const begin = performance.now()
    const stopNoise = await startNoise(vm1, floodFrames())
    await sleep(2_000)
    await stopNoise()
    const seconds = (performance.now() - begin) / 1000
    const count = (await readMeterCounts(connection)).get(11)
    const of12 = (await readMeterCounts(connection)).get(12)
    connection.close()
    const { packets = 0, dropped = 0 } = count ?? {}
    expect(packets).toBeGreaterThan(3 * (rate * seconds))
    expect(packets - dropped).toBeLessThanOrEqual(Math.ceil(burst + rate * (seconds + 1)))
    expect(packets - dropped).toBeGreaterThanOrEqual(rate)
    expect(of12).toEqual({ packets: 0, dropped: 0 })
    expect((await countersOf(daemon)).packetIns).toBe(packets - dropped)
  } finally {
    await lab.destroy()
  }
})

/** Each to another address, and on its last hop: no flow answers for them, and nobody is muted for them. */
function floodFrames(): readonly Buffer[] {
  return Array.from({ length: 250 }, (_, i) => ipv4Frame({ ipDst: `10.2.0.${i + 4}`, ttl: 1, protocol: 17 }))
}
