// One object that the switch does not take: it is left out and said, all others are applied. A limit of a flow table is
// what a switch refuses for in real life.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { runCli, type RunningCli } from '../support/cli.js'
import { createLab, type Lab } from '../support/lab.js'
import { logOf, manifest, networkWithSubnet, startWatch, writeManifests } from '../support/scene.js'
import { waitFor } from '../support/wait.js'

/** Where each port has one flow: what is for its MAC address. */
const LAYER2 = 55

const OFPORTS: Readonly<Record<string, number>> = { web1: 11, web2: 12, web3: 13, web4: 14 }

let lab: Lab
let folder: string
let daemon: RunningCli | undefined

function port(name: string, mac = `fa:16:3e:00:00:${OFPORTS[name] ?? 99}`): string {
  return manifest('Port', name, { network: 'net1', macAddress: mac, interface: name })
}

async function write(...ports: readonly string[]): Promise<void> {
  await writeManifests(lab, 'net/net1.yaml', networkWithSubnet('net1', 100, '10.1.0.0/24'))
  await writeManifests(lab, 'net/ports.yaml', ports)
}

/** Lets the table have no more flows than it has, and some more. */
async function limitTable(more: number): Promise<void> {
  const limit = (await lab.dumpFlows('br-int', `table=${LAYER2}`)).length + more
  const table = [`flow_limit=${limit}`, 'overflow_policy=refuse']
  await lab.vsctl(
    ...['--', '--id=@t', 'create', 'Flow_Table', ...table],
    ...['--', 'set', 'Bridge', 'br-int', `flow_tables:${LAYER2}=@t`],
  )
}

async function unlimitTable(): Promise<void> {
  await lab.vsctl('clear', 'Bridge', 'br-int', 'flow_tables')
}

/** Which ports frames are taken from, by number. */
async function admitted(): Promise<readonly number[]> {
  const flows = await lab.dumpFlows('br-int', 'table=0')
  const ofports = flows.flatMap((flow) => /in_port=(\d+)/.exec(flow)?.[1] ?? [])
  return [...new Set(ofports)].map(Number).sort()
}

async function reachable(): Promise<readonly string[]> {
  const flows = await lab.dumpFlows('br-int', `table=${LAYER2}`)
  return flows.flatMap((flow) => /dl_dst=(fa:[0-9a-f:]+)/.exec(flow)?.[1] ?? []).sort()
}

beforeEach(async () => {
  lab = await createLab()
  await lab.addBridge('br-int')
  const plug = ([name, ofport]: readonly [string, number]) => [
    ...['--', 'add-port', 'br-int', name, '--', 'set', 'Interface', name],
    ...['type=patch', `options:peer=${name}-peer`, `ofport_request=${ofport}`],
  ]
  await lab.vsctl(...Object.entries(OFPORTS).flatMap(plug))
  folder = `${lab.runDir}/net`
  await write(port('web1'), port('web2'))
})

afterEach(async () => {
  await daemon?.stop()
  daemon = undefined
  await lab.destroy()
})

describe('a new port for which a table has no room', () => {
  beforeEach(async () => {
    expect(await runCli([folder], { env: lab.env })).toMatchObject({ code: 0 })
    await limitTable(1)
  })

  test('is left out whole, named with its place, and the others are applied', async () => {
    await write(port('web1'), port('web2'), port('web3'), port('web4'))
    const run = await runCli([folder], { env: lab.env })
    expect(run).toMatchObject({ code: 7, stderr: expect.stringContaining('but for what follows') })
    expect(run.stderr).toMatch(/ports\.yaml:\d+:\d+ {2}FLOW_REFUSED/)
    expect(run.stderr).toMatch(/refused a flow of Port "web[34]" with OFPFMFC_TABLE_FULL: .*table=55/)
    expect(run.stderr).toContain('Raise the limit of this table')
    const there = await admitted()
    expect(there).toHaveLength(3)
    expect(await reachable()).toEqual(there.map((ofport) => `fa:16:3e:00:00:${ofport}`))
    await unlimitTable()
    expect(await runCli([folder], { env: lab.env })).toMatchObject({ code: 0 })
    expect(await admitted()).toEqual([11, 12, 13, 14])
  })

  test('but whose flows others would have to change for: nothing is applied', async () => {
    await limitTable(0)
    const before = await lab.dumpFlows('br-int')
    await write(port('web1', 'fa:16:3e:00:00:77'), port('web2'))
    const run = await runCli([folder], { env: lab.env })
    expect(run).toMatchObject({ code: 7, stderr: expect.stringContaining('Nothing was applied.') })
    expect(await lab.dumpFlows('br-int')).toEqual(before)
  })
})

test('a watching daemon says it once, goes on with all others, and tries again when the object changes', async () => {
  daemon = await startWatch(lab, [folder])
  const watching = daemon
  await limitTable(0)
  const refusals = () => logOf(watching).filter(({ msg }) => msg.includes('FLOW_REFUSED'))
  await write(port('web1'), port('web2'), port('web3'))
  await waitFor(() => refusals().length === 1, { what: 'word of the refusal' })
  expect(await admitted()).toEqual([11, 12])
  // Another change is applied, with no other attempt at this one: the limit is gone, and it still waits.
  await unlimitTable()
  await writeManifests(lab, 'net/net2.yaml', networkWithSubnet('net2', 200, '10.2.0.0/24'))
  await waitFor(async () => (await lab.dumpFlows('br-int', 'metadata=0xc8')).length > 0, { what: 'net2' })
  expect(await admitted()).toEqual([11, 12])
  await write(port('web1'), port('web2'), port('web3', 'fa:16:3e:00:00:66'))
  await waitFor(() => logOf(watching).some(({ msg }) => msg === 'the switch takes all objects again'), {
    what: 'the port',
  })
  expect(await admitted()).toEqual([11, 12, 13])
  expect(refusals()).toHaveLength(1)
})
