import { expect, test } from '@jest/globals'
import {
  halfOfFlow,
  isConnectionFlow,
  type ReactiveFlow,
  reactiveOfFlows,
} from '../../../src/compile/observed.js'
import { desiredReactive } from '../../../src/reconcile/planner.js'
import { flowOfText, flowText, ip, mac, twoNetworks } from '../../support/networks.js'
import { TIMEOUTS } from '../../support/plans.js'

const HALF = {
  ...{ ofport: 12, segmentationId: 8003, ethSrc: mac('fa:16:3e:cf:4b:ed'), ethDst: mac('fa:16:3e:c5:02:4d') },
  ...{ ipSrc: ip('10.2.0.3'), ipDst: ip('10.1.0.3') },
}

test('what packets asked for is read back from the flows that were made for it', () => {
  const { ofport, segmentationId, ethSrc, ethDst } = HALF
  const prefix = { network: ip('10.1.0.0'), prefixLength: 24 }
  const made: readonly ReactiveFlow[] = [
    { kind: 'connection', half: HALF },
    { kind: 'refused', half: { ...HALF, ipDst: ip('10.1.0.99') } },
    { kind: 'fallback', fallback: { ofport, segmentationId, ethSrc, ethDst, prefix } },
  ]
  const flows = [...desiredReactive(twoNetworks(), made, TIMEOUTS).values()].map(({ flow }) => flow)
  expect(flows.map(flowText)).toEqual([
    'table=52, idle_timeout=300, send_flow_rem priority=100,ip,metadata=0x1f43,in_port=12,dl_src=fa:16:3e:cf:4b:ed,' +
      'dl_dst=fa:16:3e:c5:02:4d,nw_src=10.2.0.3,nw_dst=10.1.0.3 ' +
      'actions=dec_ttl,set_field:fa:16:3e:c0:8d:8b->eth_src,set_field:fa:16:3e:00:17:e6->eth_dst,output:11',
    'table=52, hard_timeout=3, priority=95,ip,metadata=0x1f43,in_port=12,dl_src=fa:16:3e:cf:4b:ed,' +
      'dl_dst=fa:16:3e:c5:02:4d,nw_src=10.2.0.3,nw_dst=10.1.0.99 actions=drop',
    'table=52, idle_timeout=300, send_flow_rem priority=90,ip,metadata=0x1f43,in_port=12,dl_src=fa:16:3e:cf:4b:ed,' +
      'dl_dst=fa:16:3e:c5:02:4d,nw_dst=10.1.0.0/24 ' +
      'actions=write_metadata:0x3e567e8acb000000/0xffffffffff000000,goto_table:54',
  ])
  expect(flows.map(({ cookie }) => cookie.slice(0, 6))).toEqual(['df018a', 'df0191', 'df0192'])
  expect(reactiveOfFlows(flows)).toEqual(made)
})

test('flows of the model, of the pipeline and of strangers are no connections', () => {
  const match = 'table=52, priority=100,ip,in_port=12'
  for (const cookie of [
    '0xdf01432d41d1711b',
    '0xdf01010000000000',
    '0x1008000000019',
    '0xdf02800000000000',
  ]) {
    expect(isConnectionFlow(flowOfText(`cookie=${cookie}, ${match} actions=drop`))).toBe(false)
  }
  expect(isConnectionFlow(flowOfText(`cookie=0xdf018abe6f11f755, ${match} actions=drop`))).toBe(true)
})

test('a connection flow with a field missing, or masked, stands for no connection', () => {
  const whole =
    'ip,metadata=0x1f43,in_port=12,dl_src=fa:16:3e:cf:4b:ed,dl_dst=fa:16:3e:c5:02:4d,nw_src=10.2.0.3,nw_dst=10.1.0.3'
  const read = (match: string) => halfOfFlow(flowOfText(`table=52,${match},actions=drop`))
  expect(read(whole)).toEqual(HALF)
  expect(read(whole.replace(',dl_src=fa:16:3e:cf:4b:ed', ''))).toBeUndefined()
  expect(read(whole.replace('nw_dst=10.1.0.3', 'nw_dst=10.1.0.0/24'))).toBeUndefined()
})
