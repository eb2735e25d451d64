import { describe, expect, test } from '@jest/globals'
import { connectionList, type KnownPort, type PortLookup } from '../../../src/cli/connection-list.js'
import { renderConnections } from '../../../src/cli/connection-text.js'
import type { FlowEntry } from '../../../src/openflow/messages/flow-stats.js'
import type { Stats } from '../../../src/openflow/wire/stats.js'
import { hexFromNumber } from '../../../src/values/hex.js'
import { flowOfText } from '../../support/networks.js'
import { connectionsProblems } from '../../support/output-schemas.js'

const NOW = new Date('2026-01-01T00:10:00.000Z')
const VM1 = { mac: 'fa:16:3e:00:17:e6', gateway: 'fa:16:3e:c0:8d:8b', ofport: 11, metadata: '0x1f42' }
const VM2 = { mac: 'fa:16:3e:cf:4b:ed', gateway: 'fa:16:3e:c5:02:4d', ofport: 12, metadata: '0x1f43' }
const PORTS: Readonly<Record<number, KnownPort>> = {
  11: { interface: 'tap-vm1', segmentationId: 8002, port: { name: 'vm1', host: 'node-a' } },
  12: { interface: 'tap-vm2', segmentationId: 8003, port: { name: 'vm2', host: undefined } },
}
const NOBODY: KnownPort = { interface: undefined, segmentationId: undefined, port: undefined }
const FAR = { mac: 'fa:16:3e:00:00:99', gateway: VM2.gateway, tunnelId: 8003 }
const portAt: PortLookup = {
  local: (ofport) => PORTS[ofport] ?? NOBODY,
  remote: (id, mac) => (id === FAR.tunnelId && mac === FAR.mac ? { name: 'far', host: 'node-b' } : undefined),
}

const matchOf = ({ mac, gateway, ofport, metadata }: typeof VM1) =>
  `table=52, ip,metadata=${metadata},in_port=${ofport},dl_src=${mac},dl_dst=${gateway}`

function connection(from: typeof VM1, to: typeof VM1, src: string, dst: string, stats: Stats): FlowEntry {
  const actions = `set_field:${to.gateway}->eth_src,set_field:${to.mac}->eth_dst,output:${to.ofport}`
  const text = `cookie=0xdf018a0000000001, ${matchOf(from)},nw_src=${src},nw_dst=${dst},idle_timeout=300 actions=${actions}`
  return { ...flowOfText(text), stats }
}

const counted = (packets: number, durationSec: number, idleSec?: number): Stats => ({
  ...{ durationSec, durationNsec: 500_000_000, idleSec },
  packetCount: hexFromNumber(packets, 8),
  byteCount: hexFromNumber(packets * 98, 8),
})

const THERE = connection(VM1, VM2, '10.1.0.3', '10.2.0.3', counted(3, 60, 2))
const BACK = connection(VM2, VM1, '10.2.0.3', '10.1.0.3', counted(2, 50, 12))
const TO_ANOTHER_NODE: FlowEntry = {
  ...flowOfText(
    `cookie=0xdf018a0000000001, ${matchOf(VM1)},nw_src=10.1.0.3,nw_dst=10.2.0.9,idle_timeout=300 actions=` +
      `set_field:${FAR.gateway}->eth_src,set_field:${FAR.mac}->eth_dst,set_field:${FAR.tunnelId}->tun_id,goto_table:60`,
  ),
  stats: counted(3, 60, 2),
}
const REFUSED: FlowEntry = {
  ...flowOfText(
    `cookie=0xdf01910000000001, ${matchOf(VM1)},nw_src=10.1.0.3,nw_dst=10.2.0.99,hard_timeout=3 actions=drop`,
  ),
  stats: counted(7, 1),
}
const FALLBACK: FlowEntry = {
  ...flowOfText(
    `cookie=0xdf01920000000001, ${matchOf(VM1)},nw_dst=10.2.0.0/24,idle_timeout=300 actions=goto_table:54`,
  ),
  stats: counted(9, 10, 1),
}
const list = (...entries: readonly FlowEntry[]) => connectionList(entries, portAt, NOW)

describe('a record', () => {
  test('has both ends, and both directions with their counters and what is left of them', () => {
    const records = list(BACK, THERE)
    expect(records).toEqual([
      {
        kind: 'connection',
        since: '2026-01-01T00:08:59.500Z',
        a: {
          ...{ address: '10.1.0.3', mac: VM1.mac, segmentationId: 8002 },
          ...{ ofport: 11, interface: 'tap-vm1', port: 'vm1', node: 'node-a' },
        },
        b: {
          ...{ address: '10.2.0.3', mac: VM2.mac, segmentationId: 8003 },
          ...{ ofport: 12, interface: 'tap-vm2', port: 'vm2', node: null },
        },
        aToB: {
          ...{ packets: 3, bytes: 294, duration: 60.5, idleTimeout: 300, hardTimeout: 0 },
          ...{ idleAge: 2, idleLeft: 298, hardLeft: null },
        },
        bToA: {
          ...{ packets: 2, bytes: 196, duration: 50.5, idleTimeout: 300, hardTimeout: 0 },
          ...{ idleAge: 12, idleLeft: 288, hardLeft: null },
        },
      },
    ])
    expect(problems(records)).toEqual([])
  })

  test('stays as it is when a direction expires, whichever it is', () => {
    const [whole] = list(THERE, BACK)
    expect(list(THERE)).toMatchObject([{ a: whole?.a, b: whole?.b, aToB: whole?.aToB, bToA: null }])
    expect(list(BACK)).toMatchObject([{ a: whole?.a, b: whole?.b, aToB: null, bToA: whole?.bToA }])
    expect(problems(list(BACK))).toEqual([])
  })

  test('of what is refused, and of a fallback, has one direction and the kind', () => {
    const records = list(REFUSED, FALLBACK)
    expect(records).toMatchObject([
      { kind: 'fallback', a: { address: null, port: 'vm1' }, b: { address: '10.2.0.0/24', port: null } },
      { kind: 'refused', b: { address: '10.2.0.99' }, aToB: { hardLeft: 1.5, idleLeft: null }, bToA: null },
    ])
    expect(problems(records)).toEqual([])
  })

  test('of a host on another node has its port and its node, and only what the switch numbers has a number', () => {
    const records = list(TO_ANOTHER_NODE)
    expect(records).toMatchObject([
      { a: { port: 'vm1' }, b: { address: '10.2.0.9', segmentationId: 8003, port: 'far', node: 'node-b' } },
    ])
    expect(records[0]?.b).toMatchObject({ ofport: null, interface: null, mac: FAR.mac })
    expect(problems(records)).toEqual([])
    const [titles, row] = renderConnections(records, NOW).split('\n')
    expect(titles).toMatch(/ PORT-A +NODE-A +B +INTERFACE-B +PORT-B +NODE-B +SINCE /)
    expect(row).toMatch(/ vm1 +node-a +10\.2\.0\.9 +- +far +node-b /)
    expect(renderConnections(list(THERE, BACK), NOW)).not.toContain('NODE-')
  })

  test('of OpenFlow 1.3 does not know how long its flow was idle', () => {
    const { stats, ...flow } = THERE
    const { packetCount, byteCount, durationSec, durationNsec } = stats!
    const entry13 = { ...flow, packetCount, byteCount, durationSec, durationNsec }
    const records = list(entry13)
    expect(records).toMatchObject([{ aToB: { packets: 3, duration: 60.5, idleAge: null, idleLeft: null } }])
    expect(problems(records)).toEqual([])
    expect(renderConnections(records, NOW)).toMatch(/ 60s +\? +- +3 +- +294 +-$/)
  })

  test('of a switch that is late with a timeout has nothing left, and never less', () => {
    expect(list({ ...THERE, stats: counted(3, 400, 301) })).toMatchObject([{ aToB: { idleLeft: 0 } }])
  })
})

test('records are in the order of their addresses as numbers, after their kind', () => {
  const more = ['10.1.0.20', '10.1.0.100', '9.9.9.9'].map((src) =>
    connection(VM1, VM2, src, '10.2.0.3', counted(1, 1, 1)),
  )
  const records = list(REFUSED, ...more, THERE, FALLBACK)
  expect(records.map(({ kind, a }) => `${kind} ${a.address ?? '*'}`)).toEqual([
    'connection 9.9.9.9',
    'connection 10.1.0.3',
    'connection 10.1.0.20',
    'connection 10.1.0.100',
    'fallback *',
    'refused 10.1.0.3',
  ])
})

test('the table is aligned, and cuts nothing off', () => {
  expect(renderConnections(list(THERE, BACK, REFUSED, FALLBACK), NOW).split('\n')).toEqual([
    'KIND        A         INTERFACE-A  PORT-A  B            INTERFACE-B  PORT-B  SINCE  LEFT>  <LEFT  PACKETS>  <PACKETS  BYTES>  <BYTES',
    'connection  10.1.0.3  tap-vm1      vm1     10.2.0.3     tap-vm2      vm2       60s   298s   288s         3         2     294     196',
    'fallback    -         tap-vm1      vm1     10.2.0.0/24  -            -         10s   299s      -         9         -     882       -',
    'refused     10.1.0.3  tap-vm1      vm1     10.2.0.99    -            -          1s     2s      -         7         -     686       -',
  ])
})

test('without names of ports there are no columns for them, and a port that has gone is its number', () => {
  const text = renderConnections(
    connectionList([THERE], { local: () => NOBODY, remote: () => undefined }, NOW),
    NOW,
  )
  expect(text).not.toContain('PORT-A')
  expect(text).toMatch(/^connection +10\.1\.0\.3 +11 +10\.2\.0\.3 +12 +60s/m)
})

function problems(records: ReturnType<typeof list>): readonly string[] {
  const printed: unknown = JSON.parse(JSON.stringify(records))
  return connectionsProblems({ bridge: 'br-int', version: '1.5', connections: printed })
}
