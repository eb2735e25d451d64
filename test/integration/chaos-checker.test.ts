// The independent checker of the chaos runs can fail: flows that are wrong are put on a switch, and it finds each.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Checker, SnapshotWatch } from '../../scripts/chaos/checker.js'
import { runCli } from '../support/cli.js'
import { createLab, type Lab } from '../support/lab.js'
import { portOf, startWatch, TWO_NETWORKS, VM1, VM2, writeManifests } from '../support/scene.js'
import type { Vm } from '../support/vm.js'
import { waitFor } from '../support/wait.js'

let lab: Lab
let vm2: Vm
let checker: Checker
let folder: string
/** A file with the flows that the program installed. */
let flows: string

beforeAll(async () => {
  lab = await createLab()
  await lab.addBridge('br-int')
  await lab.addTunnelBridge()
  const vm1 = await lab.addVm(VM1)
  vm2 = await lab.addVm(VM2)
  await vm1.plug({ ofport: 11 })
  await vm2.plug({ ofport: 12 })
  const ports = [portOf(VM1, 'net1'), portOf(VM2, 'net2')]
  folder = dirname(await writeManifests(lab, 'net/all.yaml', [...TWO_NETWORKS, ...ports]))
  checker = new Checker(lab)
  await runCli([folder], { env: lab.env })
  flows = join(lab.runDir, 'flows')
  await writeFile(flows, (await lab.dumpFlows('br-int')).join('\n'))
})
beforeEach(async () => {
  await lab.ofctl('del-flows', 'br-int')
  await lab.ofctl('add-flows', 'br-int', flows)
})
afterAll(async () => {
  await checker.close()
  await lab.destroy()
})

const look = () => checker.look(folder)
const wrongIn = async () => (await look()).candidates?.[0]?.flows
const CONNECTION =
  'cookie=0xdf018abe6f11f755,table=52,idle_timeout=300,send_flow_rem,priority=100,ip,metadata=0x1f43,in_port=12,' +
  'dl_src=fa:16:3e:cf:4b:ed,dl_dst=fa:16:3e:c5:02:4d,nw_src=10.2.0.3,nw_dst=10.1.0.3,' +
  'actions=dec_ttl,set_field:fa:16:3e:c0:8d:8b->eth_src,set_field:fa:16:3e:00:17:e6->eth_dst,output:11'

test('the flows of the program, those of a connection, and those of others are right', async () => {
  await lab.ofctl('add-flow', 'br-int', 'cookie=0x77,table=99,ip,actions=drop')
  const daemon = await startWatch(lab, [folder])
  await vm2.ping('10.1.0.3', { count: 1 })
  await daemon.stop()
  expect(await look()).toMatchObject({ right: folder, ours: 66, foreign: 1 })
  expect(await lab.dumpFlows('br-int', 'cookie=0xdf018a0000000000/0xffffff0000000000')).toHaveLength(2)
})

test('the connection flow that docs/pipeline.md shows is right', async () => {
  await lab.ofctl('add-flow', 'br-int', CONNECTION)
  expect(await look()).toMatchObject({ right: folder })
})

test.each([
  ['a port that is not its own', 'output:11', 'output:12'],
  ['an address that no port has', 'nw_dst=10.1.0.3', 'nw_dst=10.1.0.4'],
  ['a sender that its port does not have', 'nw_src=10.2.0.3', 'nw_src=10.2.0.9'],
  ['another network', 'metadata=0x1f43', 'metadata=0x1f42'],
  ['no notice of its end', 'send_flow_rem,', ''],
])('a connection flow with %s is too many', async (_, from, to) => {
  await lab.ofctl('add-flow', 'br-int', CONNECTION.replace(from, to))
  expect(await wrongIn()).toMatchObject({ missing: [], different: [], extra: [expect.any(String)] })
})

test.each([
  'table=0,in_port=11',
  'table=1,arp,in_port=11',
  'table=2,in_port=12',
  'table=23',
  'table=40,arp',
  'table=51,arp',
  'table=51,icmp',
  'table=52,ip,nw_ttl=1',
  'table=53',
  'table=54,ip,nw_dst=10.1.0.3',
  'table=55,metadata=0x1f42',
  'table=56,in_port=11',
  'table=60',
])('a flow that is deleted is missing: %s', async (flow) => {
  await lab.ofctl('del-flows', 'br-int', flow)
  const wrong = await wrongIn()
  expect(wrong).toMatchObject({ extra: [], different: [] })
  expect(wrong?.missing.length).toBeGreaterThan(0)
})

test('a flow with our cookie that nothing asks for is too many', async () => {
  await lab.ofctl(
    'add-flow',
    'br-int',
    'cookie=0xdf01430000000000,table=0,priority=9,in_port=77,actions=drop',
  )
  expect(await wrongIn()).toMatchObject({
    missing: [],
    different: [],
    extra: [expect.stringContaining('in_port=77')],
  })
})

test.each([
  ['actions', 'table=55,metadata=0x1f42,dl_dst=fa:16:3e:00:17:e6,actions=output:12'],
  ['the order of actions', 'table=60,actions=output:6,move:NXM_NX_TUN_ID[0..31]->NXM_NX_PKT_MARK[]'],
])('a flow with other %s is different', async (_, flow) => {
  await lab.ofctl('mod-flows', 'br-int', flow)
  expect(await wrongIn()).toMatchObject({ missing: [], extra: [], different: [expect.any(String)] })
})

test('a flow of ours with another cookie is different', async () => {
  await lab.ofctl('add-flow', 'br-int', 'cookie=0xdf01010000000001,table=23,priority=0,actions=drop')
  expect(await wrongIn()).toMatchObject({ missing: [], extra: [], different: [expect.any(String)] })
})

test('a switch that does not answer is not right', async () => {
  await lab.stopSwitchd('SIGKILL')
  expect(await look()).toMatchObject({ right: null, failed: expect.any(String) })
  await lab.startSwitchd()
  await runCli([folder], { env: lab.env }) // its meters went with it
})

test('marks of two generations in one dump are a mixed state, marks of one are not', async () => {
  const mark = (table: number, mac: string) =>
    lab.ofctl('add-flow', 'br-int', `cookie=0x77,table=${table},dl_dst=${mac},actions=drop`)
  await mark(90, '02:67:01:00:00:01')
  await mark(91, '02:67:01:00:00:02')
  expect(await look()).toMatchObject({ generations: ['01'] })
  const watch = new SnapshotWatch(lab)
  await waitFor(async () => (await watch.seen()).looks > 0)
  expect(await watch.seen()).toMatchObject({ mixed: 0 })
  await mark(92, '02:67:02:00:00:03')
  expect(await look()).toMatchObject({ generations: ['01', '02'] })
  await waitFor(async () => (await watch.seen()).mixed > 0)
  await watch.close()
})
