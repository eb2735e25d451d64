// The lab that the tests of many nodes stand on: the decided pipeline of br-int and br-tun, put in by hand, carries
// pings between nodes; cables are cut and mended, a VM moves while it runs, and nothing is left of it afterwards.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { existsSync } from 'node:fs'
import { startCapture } from '../support/capture.js'
import { createClusterLab, type ClusterLab, type LabNode } from '../support/cluster-lab.js'
import { runOrThrow } from '../support/processes.js'
import type { Vm } from '../support/vm.js'

const SEGMENT = '0x1f42'
const GROUP = '01:00:00:00:00:00/01:00:00:00:00:00'

interface Guest {
  readonly vm: Vm
  readonly mac: string
  readonly ip: string
}

async function addTunnel({ lab }: LabNode): Promise<void> {
  await lab.addBridge('br-int')
  await lab.addTunnelBridge()
  const options = ['options:remote_ip=flow', 'options:key=flow', 'ofport_request=9']
  await lab.vsctl('add-port', 'br-tun', 'tun', '--', 'set', 'Interface', 'tun', 'type=geneve', ...options)
}

async function addGuest({ lab }: LabNode, i: number): Promise<Guest> {
  const mac = `fa:16:3e:00:00:0${i}`
  const ip = `10.0.1.${i}`
  const vm = await lab.addVm({ name: `vm${i}`, interface: `tap-vm${i}`, mac, ip: `${ip}/24`, mtu: 1400 })
  await vm.plug({ ofport: 11 })
  return { vm, mac, ip }
}

/**
 * One network: what is for a guest that is here goes to port 11, all else by br-tun to the node that has it.
 * @param guests MAC addresses, by node in its order
 */
async function connect(nodes: readonly LabNode[], guests: readonly (Guest | undefined)[]): Promise<void> {
  const places = new Map(nodes.flatMap((node, i) => (guests[i] ? [[node, guests[i].mac]] : [])))
  for (const node of nodes) {
    await node.lab.ofctl('del-flows', 'br-int')
    await node.lab.ofctl('del-flows', 'br-tun')
    for (const flow of intFlows(places.get(node))) await node.lab.ofctl('add-flow', 'br-int', flow)
    for (const flow of await tunFlows(node, places)) await node.lab.ofctl('add-flow', 'br-tun', flow)
  }
}

function intFlows(mac: string | undefined): readonly string[] {
  const away = `set_field:${SEGMENT}->pkt_mark,output:6`
  const here = mac === undefined ? [] : [`table=55,priority=100,dl_dst=${mac},actions=output:11`]
  return [
    'table=0,in_port=6,actions=goto_table:55',
    'table=0,in_port=11,actions=goto_table:55',
    ...here,
    `table=55,priority=10,dl_dst=${GROUP},actions=output:11,${away}`,
    `table=55,priority=1,actions=${away}`,
  ]
}

async function tunFlows(node: LabNode, places: ReadonlyMap<LabNode, string>): Promise<readonly string[]> {
  const patch = await node.lab.vsctl('get', 'Interface', 'patch-int', 'ofport')
  const peers = [...places].filter(([peer]) => peer !== node)
  const to = ({ tunnelIp }: LabNode): string => `set_field:${tunnelIp}->tun_dst,output:9`
  const id = 'move:NXM_NX_PKT_MARK[]->NXM_NX_TUN_ID[0..31],set_field:0->pkt_mark'
  return [
    `table=0,in_port=${patch},actions=goto_table:20`,
    ...peers.map(([peer]) => `table=0,in_port=9,tun_src=${peer.tunnelIp},actions=goto_table:4`),
    `table=4,tun_id=${SEGMENT},actions=set_field:${SEGMENT}->pkt_mark,output:${patch}`,
    ...peers.map(
      ([peer, mac]) => `table=20,priority=100,pkt_mark=${SEGMENT},dl_dst=${mac},actions=${id},${to(peer)}`,
    ),
    `table=20,priority=10,pkt_mark=${SEGMENT},dl_dst=${GROUP},actions=${[id, ...peers.map(([peer]) => to(peer))].join()}`,
  ]
}

/** Echo requests of which none may be lost, the first neither. */
async function lost(from: Guest, to: Guest, count = 3): Promise<number> {
  const { transmitted, received } = await from.vm.ping(to.ip, { count, intervalMs: 50 })
  return transmitted - received
}

describe('a lab of three nodes', () => {
  let cluster: ClusterLab
  let a: LabNode
  let b: LabNode
  let c: LabNode
  let one: Guest
  let two: Guest
  let three: Guest

  beforeAll(async () => {
    cluster = await createClusterLab(3)
    ;[a, b, c] = cluster.nodes as [LabNode, LabNode, LabNode]
    for (const node of cluster.nodes) await addTunnel(node)
    one = await addGuest(a, 1)
    two = await addGuest(b, 2)
    three = await addGuest(c, 3)
    await connect(cluster.nodes, [one, two, three])
  })

  afterAll(() => cluster.destroy())

  test('the nodes have names, and reach each other by both networks', async () => {
    expect(cluster.nodes.map(({ name }) => name)).toEqual(['node-a', 'node-b', 'node-c'])
    const hostname = ['get', 'Open_vSwitch', '.', 'external_ids:hostname']
    expect(await b.lab.vsctl(...hostname)).toBe('node-b')
    for (const { tunnelIp, managementIp } of [b, c]) {
      for (const ip of [tunnelIp, managementIp]) {
        await runOrThrow('ip', ['netns', 'exec', a.lab.netns, 'ping', '-c1', '-W2', ip])
      }
    }
  })

  test('who asks for a tunnel address hears from br-phy, and not from the NIC below it', async () => {
    await a.lab.ip('neigh', 'flush', 'dev', 'br-phy')
    const replies = await startCapture(cluster.netns, b.name, 'arp[6:2] = 2')
    await runOrThrow('ip', ['netns', 'exec', a.lab.netns, 'ping', '-c1', '-W2', b.tunnelIp])
    const senders = (await replies.stop()).map((line) => line.split(' ')[1])
    expect(senders).toEqual([b.tunnelMac])
  })

  test('all pairs of guests reach each other, and lose no packet', async () => {
    const guests = [one, two, three]
    for (const from of guests) {
      for (const to of guests) if (to !== from) expect(await lost(from, to)).toBe(0)
    }
  })

  test('a node whose cable is cut is alone, until it is mended; the others are not', async () => {
    await cluster.cut(b)
    expect(await lost(one, two, 2)).toBe(2)
    expect(await lost(one, three)).toBe(0)
    await cluster.mend(b)
    expect(await lost(one, two)).toBe(0)
  })

  test('the management cable is another one', async () => {
    await cluster.setManagement(b, 'down')
    const ping = ['netns', 'exec', a.lab.netns, 'ping', '-c1', '-W1', b.managementIp]
    await expect(runOrThrow('ip', ping)).rejects.toThrow()
    expect(await lost(one, two)).toBe(0)
    await cluster.setManagement(b, 'up')
  })

  test('a switch that was killed is back on the underlay', async () => {
    await cluster.restartSwitchd(b, 'SIGKILL')
    await connect(cluster.nodes, [one, two, three])
    expect(await lost(one, two)).toBe(0)
    expect(await lost(two, three)).toBe(0)
  })

  test('a VM that moves keeps running, and is on the other node with the ids asked for', async () => {
    const addresses = await one.vm.exec('ip', '-o', 'addr', 'show', 'dev', 'eth0')
    await two.vm.unplug()
    await cluster.move(one.vm, b, { ofport: 11, externalIds: { 'iface-id': 'vm1' } })
    await connect(cluster.nodes, [undefined, one, three])
    expect(await one.vm.exec('ip', '-o', 'addr', 'show', 'dev', 'eth0')).toBe(addresses)
    expect(await b.lab.vsctl('get', 'Interface', 'tap-vm1', 'external_ids:iface-id')).toBe('vm1')
    expect(await a.lab.vsctl('list-ports', 'br-int')).toBe('patch-tun')
    expect(await lost(three, one)).toBe(0)
  })
})

describe('the end of a lab of nodes', () => {
  test('leaves no namespace and no run directory', async () => {
    const cluster = await createClusterLab(2)
    const prefixes = [cluster.netns, ...cluster.nodes.map(({ lab }) => lab.netns)]
    await cluster.destroy()
    const left = await runOrThrow('ip', ['netns', 'list'])
    expect(prefixes.filter((name) => left.includes(name))).toEqual([])
    expect([cluster.runDir, ...cluster.nodes.map(({ lab }) => lab.runDir)].filter(existsSync)).toEqual([])
  })
})
