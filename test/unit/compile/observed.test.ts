import { expect, test } from '@jest/globals'
import { halfOfFlow, halvesOfFlows, isConnectionFlow } from '../../../src/compile/observed.js'
import { desiredOfHalves } from '../../../src/reconcile/planner.js'
import { flowOfText, ip, mac, twoNetworks } from '../../support/networks.js'

const HALF = {
  ...{ ofport: 12, segmentationId: 8003, ethSrc: mac('fa:16:3e:cf:4b:ed'), ethDst: mac('fa:16:3e:c5:02:4d') },
  ...{ ipSrc: ip('10.2.0.3'), ipDst: ip('10.1.0.3') },
}

test('a connection is read back from the flow that was made for it', () => {
  const flows = [...desiredOfHalves(twoNetworks(), [HALF], { idleTimeout: 300, hardTimeout: 0 }).values()]
  expect(halvesOfFlows(flows.map(({ flow }) => flow))).toEqual([HALF])
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
