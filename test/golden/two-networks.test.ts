// The post's network in our flows: each line of its listing is one of ours, or stands in deviations.ts with what is in its
// place and why; and so does each line of ours.
import { beforeAll, describe, expect, test } from '@jest/globals'
import { PACKET_IN_REASON } from '../../src/openflow/messages/packet.js'
import { buildCookie, NO_OBJECT } from '../../src/pipeline/cookie.js'
import { planAgainstEmpty } from '../../src/reconcile/offline.js'
import { judgePacket } from '../../src/reconcile/packet-in.js'
import { punt } from '../../src/features/punt/index.js'
import { PUNT } from '../../src/pipeline/stages.js'
import { reverseOf } from '../../src/topology/connection.js'
import { hexFromNumber } from '../../src/values/hex.js'
import { flowText, TWO_NETWORKS, twoNetworks } from '../support/networks.js'
import { ipv4Frame } from '../support/packets.js'
import { desiredOfHalves } from '../support/plans.js'
import { DEVIATIONS } from './deviations.js'
import { readFlowFile, spelled } from './flow-file.js'

const TIMEOUTS = { idleTimeout: 300, hardTimeout: 0 }
const PACKET_IN_LIMIT = { rate: 200, burst: 200 }

/** VM2's first echo request to VM1, as the switch hands it up. */
function connectionFlows(): readonly string[] {
  const data = ipv4Frame({
    ...{ ethSrc: 'fa:16:3e:cf:4b:ed', ethDst: 'fa:16:3e:c5:02:4d' },
    ...{ ipSrc: '10.2.0.3', ipDst: '10.1.0.3' },
  })
  const topology = twoNetworks()
  const judged = judgePacket(topology, {
    bufferId: 0xffffffff,
    totalLength: data.length,
    reason: PACKET_IN_REASON.action,
    tableId: PUNT.id,
    cookie: buildCookie({ class: 'model', feature: punt.id, object: NO_OBJECT }),
    match: [
      { field: 'in_port', value: hexFromNumber(12, 4) },
      { field: 'metadata', value: hexFromNumber(0x1f43, 8) },
    ],
    data,
  })
  if (judged.verdict !== 'connection') throw new Error(judged.verdict)
  const halves = [judged.half, reverseOf(judged.route, judged.half)]
  return [...desiredOfHalves(topology, halves, TIMEOUTS).values()].map(({ flow }) => flowText(flow))
}

describe('the flows of examples/two-networks', () => {
  let post: readonly string[]
  let ours: readonly string[]

  beforeAll(() => {
    const { ports } = readFlowFile('two-networks')
    const { plan } = planAgainstEmpty(
      { manifests: TWO_NETWORKS, bridge: 'br-int', timeouts: TIMEOUTS, packetInLimit: PACKET_IN_LIMIT, portMap: ports },
      undefined,
    )
    const model = plan.changes.map((change) => (change.kind === 'add' ? flowText(change.desired.flow) : ''))
    ours = [...model, ...connectionFlows()].sort()
    post = readFlowFile('post').flows.map(flowText).sort()
  })

  test('are compared with all 22 flows of the listing, and the two that the ping adds', () => {
    expect(post).toHaveLength(24)
    expect(new Set(post).size).toBe(24)
  })

  test('have each line of the post, but for those named as deviations', () => {
    const deviating = DEVIATIONS.flatMap((deviation) => deviation.post.map(spelled))
    expect([...post.filter((line) => ours.includes(line)), ...deviating].sort()).toEqual(post)
  })

  test('have no line that is neither in the post nor named as a deviation', () => {
    const deviating = DEVIATIONS.flatMap((deviation) => deviation.ours.map(spelled))
    expect([...ours.filter((line) => post.includes(line)), ...deviating].sort()).toEqual(ours)
  })

  test('equal the post in five lines to the letter', () => {
    expect(ours.filter((line) => post.includes(line)).sort()).toEqual(
      [
        'table=23, priority=0 actions=drop',
        'table=40, priority=1 actions=goto_table:52',
        'table=40, priority=1000,arp actions=goto_table:51',
        'table=52, priority=1 actions=goto_table:53',
        'table=60, priority=1 actions=move:NXM_NX_TUN_ID[0..31]->NXM_NX_PKT_MARK[],output:6',
      ].sort(),
    )
  })

  test('never leave a packet to NORMAL', () => {
    expect(ours.filter((line) => /NORMAL|FLOOD|ALL/.test(line))).toEqual([])
  })

  test('have a reason for every deviation', () => {
    for (const { reason, post: theirs, ours: own } of DEVIATIONS) {
      expect(reason).toMatch(/^[A-Z].{40,}\.$/)
      expect(theirs.length + own.length).toBeGreaterThan(0)
    }
  })
})
