import { describe, expect, test } from '@jest/globals'
import { readFlowPath } from '../../../src/compile/flow-path.js'
import { renderActions } from '../../../src/openflow/text/print-actions.js'
import { NO_NAMES } from '../../../src/openflow/text/port-names.js'
import { PACKET_IN_REASON } from '../../../src/openflow/messages/packet.js'
import { buildCookie, NO_OBJECT } from '../../../src/pipeline/cookie.js'
import { punt } from '../../../src/features/punt/index.js'
import { PUNT } from '../../../src/pipeline/stages.js'
import { Counters } from '../../../src/reconcile/counters.js'
import { planFlush } from '../../../src/reconcile/flush.js'
import { ReactivePath } from '../../../src/reconcile/reactive-path.js'
import { hexFromNumber } from '../../../src/values/hex.js'
import { exampleManifests, flowText, topologyOn } from '../../support/networks.js'
import { ipv4Frame } from '../../support/packets.js'
import { TIMEOUTS } from '../../support/plans.js'

const topology = topologyOn(exampleManifests('three-nodes'), 'node-a', ['web-1', 'db-1'])

/** web-1's first packet to db-2, which is on node-b. */
function firstPacket(ipDst: string) {
  const data = ipv4Frame({
    ...{ ethSrc: '02:00:00:06:01:10', ethDst: '02:00:00:06:01:01' },
    ...{ ipSrc: '10.6.1.10', ipDst },
  })
  return {
    ...{ bufferId: 0xffffffff, totalLength: data.length, reason: PACKET_IN_REASON.action, tableId: PUNT.id },
    cookie: buildCookie({ class: 'model', feature: punt.id, object: NO_OBJECT }),
    match: [
      { field: 'in_port', value: hexFromNumber(11, 4) },
      { field: 'metadata', value: hexFromNumber(6001, 8) },
    ],
    data,
  }
}

function react(ipDst: string) {
  const options = { timeouts: TIMEOUTS, counters: new Counters(), onVerdict: () => undefined, now: () => 0 }
  return new ReactivePath(options).react(topology, [firstPacket(ipDst)])
}

describe('the first packet to a host on another node', () => {
  const { flows, packets } = react('10.6.2.11')

  test('makes a flow for its own direction alone: the answer is the business of the other node', () => {
    expect(flows.map(({ desired }) => flowText(desired.flow))).toEqual([
      'table=52, idle_timeout=300, send_flow_rem priority=100,ip,metadata=0x1771,in_port=11,' +
        'dl_src=02:00:00:06:01:10,dl_dst=02:00:00:06:01:01,nw_src=10.6.1.10,nw_dst=10.6.2.11 ' +
        'actions=dec_ttl,set_field:02:00:00:06:02:01->eth_src,set_field:02:00:00:06:02:11->eth_dst,' +
        'set_field:0x1772->tun_id,goto_table:60',
    ])
  })

  test('is sent on itself, with the mark that crosses the patch port', () => {
    expect(packets.map(({ actions }) => renderActions(actions, NO_NAMES))).toEqual([
      'dec_ttl,set_field:02:00:00:06:02:01->eth_src,set_field:02:00:00:06:02:11->eth_dst,' +
        'set_field:0x1772->pkt_mark,output:6',
    ])
  })

  test('has a flow that tells where it leads when it is read back', () => {
    const path = readFlowPath(flows[0]!.desired.flow)
    expect(path?.next).toEqual({
      ofport: undefined,
      tunnelId: 6002,
      mac: '02:00:00:06:02:11',
      gatewayMac: '02:00:00:06:02:01',
    })
  })

  test.each([
    ['Port', 'db-2', 1],
    ['Port', 'db-3', 0],
    ['Network', 'back', 1],
    ['Subnet', 'back-v4', 1],
  ] as const)('has a flow that goes with a flush of %s %s: %d', (kind, name, count) => {
    const installed = flows.map(({ desired }) => desired.flow)
    expect(planFlush(topology, installed, { kind, name }).flushed.flows).toBe(count)
  })
})

test('between two ports of one node both directions have a flow, as ever', () => {
  expect(react('10.6.2.10').flows).toHaveLength(2)
})

test('to an address that nobody has, no packet goes to another node', () => {
  const { flows, packets } = react('10.6.2.99')
  expect(flows.map(({ flow }) => flow.kind)).toEqual(['refused'])
  expect(packets).toEqual([])
})
