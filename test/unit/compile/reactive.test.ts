import { describe, expect, test } from '@jest/globals'
import type { ReactiveFlow } from '../../../src/compile/observed.js'
import { compileReactive } from '../../../src/compile/reactive.js'
import type { Topology } from '../../../src/topology/topology.js'
import { flowText, ip, mac, plugged, topologyOf, TWO_NETWORKS, twoNetworks } from '../../support/networks.js'
import { TIMEOUTS } from '../../support/plans.js'

const HALF = {
  ...{ ofport: 12, segmentationId: 8003, ethSrc: mac('fa:16:3e:cf:4b:ed'), ethDst: mac('fa:16:3e:c5:02:4d') },
  ...{ ipSrc: ip('10.2.0.3'), ipDst: ip('10.1.0.3') },
}
const CONNECTION: ReactiveFlow = { kind: 'connection', half: HALF }
const REFUSED: ReactiveFlow = { kind: 'refused', half: HALF }
const PREFIX = { network: ip('10.1.0.0'), prefixLength: 24 }
const FALLBACK = fallback({})

function fallback(change: object): ReactiveFlow {
  const { ofport, segmentationId, ethSrc, ethDst } = HALF
  return { kind: 'fallback', fallback: { ofport, segmentationId, ethSrc, ethDst, prefix: PREFIX, ...change } }
}

const compiled = (flow: ReactiveFlow, topology: Topology = twoNetworks()) =>
  compileReactive(topology, flow, TIMEOUTS)

describe('one direction of a connection', () => {
  test('with a route has a flow, whose cookie says connection and the sending port', () => {
    const desired = compiled(CONNECTION)
    expect(desired?.flow.cookie).toMatch(/^df018a/)
    expect(desired?.reasons).toMatchObject([{ feature: 'connection', owner: { name: 'vm2' } }])
  })

  test('without one has none', () => {
    expect(compiled(CONNECTION, topologyOf(TWO_NETWORKS))).toBeUndefined()
  })
})

describe('a refused pair', () => {
  test('is dropped as long as it would be refused, and goes when it may pass', () => {
    const alone = topologyOf(TWO_NETWORKS, plugged('tap-vm2', 12))
    const desired = compiled(REFUSED, alone)
    expect(desired && flowText(desired.flow)).toContain('hard_timeout=3, priority=95')
    expect(desired?.flow.cookie).toMatch(/^df0191/)
    expect(desired?.reasons).toMatchObject([{ feature: 'refused', owner: { name: 'vm2' } }])
    expect(compiled(REFUSED)).toBeUndefined()
  })

  test('goes when its port goes, and is none when it is for the router itself', () => {
    expect(compiled(REFUSED, topologyOf(TWO_NETWORKS))).toBeUndefined()
    expect(compiled({ kind: 'refused', half: { ...HALF, ipDst: ip('10.1.0.1') } })).toBeUndefined()
  })
})

describe('a fallback', () => {
  test('leads a port to all hosts of a subnet of its router', () => {
    const desired = compiled(FALLBACK)
    expect(desired?.flow.cookie).toMatch(/^df0192/)
    expect(desired?.reasons).toMatchObject([{ feature: 'fallback', owner: { name: 'vm2' } }])
  })

  test.each([
    ['its port is gone', { ofport: 99 }],
    ['its port is in another network', { segmentationId: 8002 }],
    ['its port has another MAC', { ethSrc: mac('fa:16:3e:00:00:01') }],
    ['no router has its gateway', { ethDst: mac('fa:16:3e:00:00:01') }],
    ['its subnet is not of the router', { prefix: { network: ip('10.9.0.0'), prefixLength: 24 } }],
    ['its subnet is of another size', { prefix: { network: ip('10.1.0.0'), prefixLength: 25 } }],
    ['its subnet is where the port is', { prefix: { network: ip('10.2.0.0'), prefixLength: 24 } }],
  ])('has no right to be when %s', (_, change) => {
    expect(compiled(fallback(change))).toBeUndefined()
  })
})
