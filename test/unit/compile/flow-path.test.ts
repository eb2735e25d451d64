import { describe, expect, test } from '@jest/globals'
import { pairFlows, readFlowPath } from '../../../src/compile/flow-path.js'
import { desiredOfHalves } from '../../support/plans.js'
import { objectHash } from '../../../src/values/hash.js'
import { reverseOf, routeOf } from '../../../src/topology/connection.js'
import { flowOfText, ip, mac, twoNetworks } from '../../support/networks.js'
import { TIMEOUTS } from '../../support/plans.js'

const [VM1, VM2] = [mac('fa:16:3e:00:17:e6'), mac('fa:16:3e:cf:4b:ed')]
const [GATEWAY1, GATEWAY2] = [mac('fa:16:3e:c0:8d:8b'), mac('fa:16:3e:c5:02:4d')]
const HALF = {
  ...{ ofport: 12, segmentationId: 8003, ethSrc: VM2, ethDst: GATEWAY2 },
  ...{ ipSrc: ip('10.2.0.3'), ipDst: ip('10.1.0.3') },
}

const MATCH = `metadata=0x1f43,in_port=12,dl_src=${VM2},dl_dst=${GATEWAY2}`
const read = (feature: string, text: string) =>
  readFlowPath(flowOfText(`cookie=0xdf01${feature}0102030405, table=52, ip,${text}`))

describe('a flow', () => {
  test('of one direction tells who sends, through which router, and where that sends it', () => {
    const [desired] = desiredOfHalves(twoNetworks(), [HALF], TIMEOUTS).values()
    expect(desired && readFlowPath(desired.flow)).toEqual({
      ...{ kind: 'connection', object: objectHash('Port', 'vm2'), ofport: 12, segmentationId: 8003 },
      ...{ mac: VM2, gatewayMac: GATEWAY2, from: HALF.ipSrc },
      to: { network: HALF.ipDst, prefixLength: 32 },
      next: { ofport: 11, mac: VM1, gatewayMac: GATEWAY1 },
    })
  })

  test('that refuses a pair sends nothing out', () => {
    expect(read('91', `${MATCH},nw_src=10.2.0.3,nw_dst=10.1.0.9 actions=drop`)).toMatchObject({
      kind: 'refused',
      to: { network: ip('10.1.0.9'), prefixLength: 32 },
      next: undefined,
    })
  })

  test.each([
    ['10.1.0.0/24', 24],
    ['128.0.0.0/1', 1],
    ['10.1.0.8/31', 31],
  ])('of a port to %s is a fallback', (prefix, prefixLength) => {
    const actions = 'write_metadata:0x1234567890000000/0xffffffffff000000,goto_table:54'
    expect(read('92', `${MATCH},nw_dst=${prefix} actions=${actions}`)).toMatchObject({
      ...{ kind: 'fallback', from: undefined, next: undefined },
      to: { prefixLength },
    })
  })

  test('of a port to everywhere is a fallback without a destination', () => {
    expect(read('92', `${MATCH} actions=goto_table:54`)).toMatchObject({
      to: { network: 0, prefixLength: 0 },
    })
  })

  test('that goes back out of its port leads to that port', () => {
    const actions = `set_field:${GATEWAY1}->eth_src,set_field:${VM1}->eth_dst,in_port`
    expect(read('8a', `${MATCH},nw_src=10.2.0.3,nw_dst=10.3.0.3 actions=${actions}`)).toMatchObject({
      next: { ofport: 12 },
    })
  })

  test.each([
    ['of the model', '4a', `${MATCH},nw_src=10.2.0.3,nw_dst=10.1.0.3`],
    ['of a feature that is not known', 'bf', `${MATCH},nw_src=10.2.0.3,nw_dst=10.1.0.3`],
    ['without a destination', '8a', MATCH],
    ['without a port', '8a', `${MATCH.replace('in_port=12,', '')},nw_dst=10.1.0.3`],
  ])('%s is none of them', (_, feature, match) => {
    expect(read(feature, `${match} actions=drop`)).toBeUndefined()
  })
})

describe('two directions', () => {
  const route = routeOf(twoNetworks(), HALF)
  if (typeof route === 'string') throw new Error(route)
  const flowsOf = (...halves: readonly (typeof HALF)[]) =>
    [...desiredOfHalves(twoNetworks(), halves, TIMEOUTS).values()].map(({ flow }) => readFlowPath(flow)!)
  const [there, back] = flowsOf(HALF, reverseOf(route, HALF))
  const pairs = (...flows: readonly (typeof there)[]) =>
    pairFlows(
      flows.map((flow) => flow!),
      (flow) => flow,
    )

  test('of one connection find each other, whichever comes first', () => {
    expect(pairs(there, back)).toEqual([[there, back]])
    expect(pairs(back, there)).toEqual([[back, there]])
  })

  test('are alone where the other one has expired, or is not of this route', () => {
    expect(pairs(there)).toEqual([[there, undefined]])
    const elsewhere = { ...back!, ofport: 13 }
    expect(pairs(there, elsewhere)).toEqual([
      [there, undefined],
      [elsewhere, undefined],
    ])
  })

  test('of two tenants with equal addresses are never mixed', () => {
    const tenant = (flow: typeof there, shift: number) => ({
      ...flow!,
      ofport: flow!.ofport + shift,
      next: { ...flow!.next!, ofport: flow!.next!.ofport! + shift },
    })
    const [otherThere, otherBack] = [tenant(there, 100), tenant(back, 100)]
    expect(pairs(there, otherBack, otherThere, back)).toEqual([
      [there, back],
      [otherBack, otherThere],
    ])
  })

  test('that are refused stay apart', () => {
    const refused = [there, back].map((flow) => ({ ...flow!, kind: 'refused' as const }))
    expect(pairs(...refused)).toHaveLength(2)
  })
})
