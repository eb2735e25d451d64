// Is the fake switch of the scenario tests a true one? The same flows and the same packets, asked of Open vSwitch.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Flow } from '../../src/openflow/flow.js'
import { NO_NAMES } from '../../src/openflow/text/port-names.js'
import { renderFlow } from '../../src/openflow/text/print.js'
import { renderMatch } from '../../src/openflow/text/print-match.js'
import { desiredFlows } from '../../src/reconcile/planner.js'
import type { ConnectionHalf } from '../../src/topology/connection.js'
import { type Hex, hexFromNumber, zeroHex } from '../../src/values/hex.js'
import { linkLocalOf } from '../../src/values/mac.js'
import { arpRequest, echoRequest } from '../support/cloud.js'
import { FakeSwitch, type Packet } from '../support/fake-switch.js'
import { createLab, type Lab } from '../support/lab.js'
import { ip, mac, twoNetworks } from '../support/networks.js'
import { connectionsOf } from '../support/plans.js'

const VM1 = { ethSrc: 'fa:16:3e:00:17:e6', address: '10.1.0.3' }
const VM2 = { ethSrc: 'fa:16:3e:cf:4b:ed', address: '10.2.0.3' }
const GATEWAY1 = 'fa:16:3e:c0:8d:8b'
const GATEWAY2 = 'fa:16:3e:c5:02:4d'

/** One direction is known, so that packets of the other go to the controller. */
const VM2_TO_VM1: ConnectionHalf = {
  ...{ ofport: 12, segmentationId: 8003, ethSrc: mac(VM2.ethSrc), ethDst: mac(GATEWAY2) },
  ...{ ipSrc: ip(VM2.address), ipDst: ip(VM1.address) },
}

const PORTS = [11, 12, 13]
const TO = [
  'ff:ff:ff:ff:ff:ff',
  '33:33:00:00:00:01',
  GATEWAY1,
  GATEWAY2,
  VM1.ethSrc,
  VM2.ethSrc,
  '02:00:00:00:00:99',
]

/** Every kind of packet from every port to every kind of address. */
function packets(): readonly (readonly [ofport: number, packet: Packet])[] {
  const fromPorts = PORTS.flatMap((ofport) =>
    TO.flatMap((ethDst) =>
      packetsTo(ofport === 11 ? VM1 : VM2, ethDst).map((packet) => [ofport, packet] as const),
    ),
  )
  const fromTunnel = ['00001f42', '00001f43', '00000000'].flatMap((mark) =>
    TO.map((ethDst) => [6, { ...typed('86dd', VM1.ethSrc, ethDst), pkt_mark: mark as Hex }] as const),
  )
  return [...fromPorts, ...fromTunnel]
}

function packetsTo({ ethSrc, address: ipSrc }: typeof VM1, ethDst: string): readonly Packet[] {
  const echo = (ipDst: string, ttl = 64) => echoRequest({ ethSrc, ethDst, ipSrc, ipDst, ttl })
  return [
    ...['10.1.0.1', '10.2.0.1', '10.1.0.3'].map((tpa) => arpRequest({ ethSrc, ethDst, spa: ipSrc, tpa })),
    ...[VM1.address, VM2.address, '10.1.0.1', '10.2.0.1', '8.8.8.8'].map((ipDst) => echo(ipDst)),
    ...[0, 1, 2].map((ttl) => echo(VM1.address, ttl)),
    { ...echo('10.1.0.1'), nw_frag: '01' as Hex },
    { ...echo('10.1.0.1'), icmp_type: '0d' as Hex },
    { ...echo(VM1.address), ip_src: '0a010063' as Hex },
    arpRequest({ ethSrc, ethDst, spa: '0.0.0.0', tpa: ipSrc }),
    arpRequest({ ethSrc, ethDst, spa: '10.1.0.1', tpa: ipSrc }),
    typed('86dd', ethSrc, ethDst),
    ...ipv6PacketsTo(ethSrc, ethDst),
    typed('88b5', ethSrc, ethDst),
    { ...echo(VM1.address), vlan_vid: '1005' as Hex },
  ]
}

/** From the link-local address: anything, and what neighbours and routers say of themselves and of others. */
function ipv6PacketsTo(ethSrc: string, ethDst: string): readonly Packet[] {
  const own = linkLocalOf(mac(ethSrc))
  const ipv6 = { ...typed('86dd', ethSrc, ethDst), ipv6_src: own }
  const icmpv6 = (type: number, more: Packet = {}) => ({
    ...{ ...ipv6, nw_proto: '3a' as Hex, icmpv6_type: hexFromNumber(type, 1), icmpv6_code: '00' as Hex },
    ...more,
  })
  return [
    { ...ipv6, nw_proto: '11' as Hex },
    ...[134, 137].map((type) => icmpv6(type)),
    ...[own, linkLocalOf(mac(GATEWAY1))].flatMap((target) => [
      icmpv6(136, { nd_target: target }),
      icmpv6(135, { nd_target: target, ipv6_src: zeroHex(16) }),
    ]),
  ]
}

function typed(ethType: string, ethSrc: string, ethDst: string): Packet {
  const [source, target] = [ethSrc, ethDst].map((text) => text.replaceAll(':', '') as Hex)
  return { eth_src: source!, eth_dst: target!, eth_type: ethType as Hex }
}

/** `dl_src=fa:16:…,nw_ttl=64` and so on, as a record. Words such as `icmp` are left out. */
function pairsOf(text: string): Readonly<Record<string, string>> {
  const pairs = text.split(',').map((pair) => pair.split('='))
  return Object.fromEntries(pairs.flatMap(([key = '', value]) => (value === undefined ? [] : [[key, value]])))
}

/** What is left in it means nothing. */
const SCRATCH = 'xreg0'

/** Fields of the pipeline that are zero are left out, as the switch leaves them out. */
function inWords(packet: Packet): string {
  const match = Object.entries(packet)
    .map(([field, value]) => ({ field, value }))
    .filter(({ field, value }) => !/^(metadata|pkt_mark)$/.test(field) || /[^0]/.test(value))
    .filter(({ field }) => field !== SCRATCH)
  return renderMatch(match, NO_NAMES).join(',')
}

describe('the fake switch and Open vSwitch', () => {
  let lab: Lab
  let flows: readonly Flow[]
  /** OpenFlow port numbers by those of the datapath. */
  let ports: ReadonlyMap<number, number>

  beforeAll(async () => {
    lab = await createLab()
    await lab.addBridge('br-int')
    await lab.addTunnelBridge()
    for (const ofport of PORTS) {
      const vm = await lab.addVm({
        ...{ name: `vm${ofport}`, interface: `tap${ofport}`, mac: `02:00:00:00:00:${ofport}` },
      })
      await vm.plug({ ofport })
    }
    const desired = desiredFlows(twoNetworks(), connectionsOf([VM2_TO_VM1]), {
      idleTimeout: 0,
      hardTimeout: 0,
    })
    flows = [...desired.values()].map(({ flow }) => flow)
    for (const ofport of [11, 12]) {
      const meter = `meter=${ofport},pktps,burst,band=type=drop,rate=200,burst_size=200`
      await lab.ofctl('add-meter', 'br-int', meter)
    }
    const file = join(lab.runDir, 'flows')
    await writeFile(file, flows.map((flow) => `${renderFlow(flow, NO_NAMES)}\n`).join(''))
    await lab.ofctl('add-flows', 'br-int', file)
    const shown = await lab.appctl('dpif/show')
    ports = new Map(
      [...shown.matchAll(/tap\d+ (\d+)\/(\d+):/g)].map(([, of, datapath]) => [Number(datapath), Number(of)]),
    )
  })

  afterAll(() => lab.destroy())

  /** What `ofproto/trace` says, in the words of a verdict. */
  async function trace(words: string) {
    // For a packet, unlike for a match, it wants the field's own name.
    const asked = words.startsWith('icmp6') ? words.replace(/\bicmp_/g, 'icmpv6_') : words
    const text = await lab.appctl('ofproto/trace', 'br-int', asked)
    const [, before = ''] = /^Flow: (.*)$/m.exec(text) ?? []
    const [, after = ''] = /^Final flow: (.*)$/m.exec(text) ?? []
    const [, actions = ''] = /^Datapath actions: (.*)$/m.exec(text) ?? []
    const outputs = actions
      .replace(/[a-z_]+\(.*\)/g, '')
      .split(',')
      .filter((word) => /^\d+$/.test(word))
    return {
      tables: [...text.matchAll(/^ *(\d+)\. /gm)].map(([, table]) => Number(table)),
      outputs: outputs.map((port) => ports.get(Number(port))),
      packetIns: [...actions.matchAll(/controller\(reason=1,.*?rule_cookie=(0x[0-9a-f]+)/g)].map(
        ([, cookie]) => cookie,
      ),
      packet: pairsOf(after === 'unchanged' ? before : after),
    }
  }

  test('hold the same flows', async () => {
    expect(await lab.dumpFlows('br-int')).toHaveLength(flows.length)
    expect([...ports.values()].sort()).toEqual(PORTS)
  })

  test('agree on every kind of packet from every port to every kind of address', async () => {
    const fake = new FakeSwitch(flows)
    const fates = new Set<string>()
    for (const [ofport, packet] of packets()) {
      const words = inWords({ ...packet, in_port: hexFromNumber(ofport, 4) })
      const verdict = fake.receive(ofport, packet)
      const real = await trace(words)
      const expected = {
        tables: verdict.tables,
        outputs: verdict.outputs.map(({ port }) => port),
        packetIns: verdict.packetIns.map(({ cookie }) => `0x${cookie}`),
      }
      expect({ words, ...real }).toMatchObject({
        words,
        ...expected,
        packet: pairsOf(inWords(verdict.packet)),
      })
      fates.add(`${expected.outputs.length} outputs, ${expected.packetIns.length} packet-ins`)
    }
    // Were all of one fate, the agreement would say little.
    expect([...fates].sort()).toEqual([
      '0 outputs, 0 packet-ins',
      '0 outputs, 1 packet-ins',
      '1 outputs, 0 packet-ins',
    ])
  }, 60_000)
})
