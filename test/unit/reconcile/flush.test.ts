import { describe, expect, test } from '@jest/globals'
import { plainStore } from '../../../src/manifest/store.js'
import type { Flow } from '../../../src/openflow/flow.js'
import {
  checkFlushable,
  type FlushTarget,
  parseFlushObject,
  planFlush,
} from '../../../src/reconcile/flush.js'
import { desiredOfHalves } from '../../support/plans.js'
import { type ConnectionHalf, reverseOf, routeOf } from '../../../src/topology/connection.js'
import { objectHash } from '../../../src/values/hash.js'
import {
  flowOfText,
  ip,
  mac,
  manifestsOf,
  network,
  plugged,
  port,
  router,
  subnet,
  topologyOf,
} from '../../support/networks.js'
import { modelFlows, TIMEOUTS } from '../../support/plans.js'

const MACS = ['fa:16:3e:00:00:01', 'fa:16:3e:00:00:02', 'fa:16:3e:00:00:03'].map(mac)
const GATEWAYS = ['fa:16:3e:00:01:01', 'fa:16:3e:00:01:02', 'fa:16:3e:00:01:03'] as const
const MANIFESTS = manifestsOf(
  ...[1, 2, 3].flatMap((n) => [
    network(`net${n}`, n),
    subnet(`sub${n}`, `net${n}`, `10.${n}.0.0/24`),
    port(`vm${n}`, `net${n}`, { macAddress: MACS[n - 1]!, ips: { [`sub${n}`]: `10.${n}.0.3` } }),
  ]),
  router('r1', { sub1: GATEWAYS[0], sub2: GATEWAYS[1], sub3: GATEWAYS[2] }),
)
const TOPOLOGY = topologyOf(MANIFESTS, ...[1, 2, 3].map((n) => plugged(`vm${n}`, n, { ifaceId: `vm${n}` })))

const half = (from: number, to: number): ConnectionHalf => ({
  ...{ ofport: from, segmentationId: from, ethSrc: MACS[from - 1]!, ethDst: mac(GATEWAYS[from - 1]!) },
  ...{ ipSrc: ip(`10.${from}.0.3`), ipDst: ip(`10.${to}.0.3`) },
})

function connection(from: number, to: number): readonly Flow[] {
  const there = half(from, to)
  const route = routeOf(TOPOLOGY, there)
  if (typeof route === 'string') throw new Error(route)
  const halves = [there, reverseOf(route, there)]
  return [...desiredOfHalves(TOPOLOGY, halves, TIMEOUTS).values()].map(({ flow }) => flow)
}

const made = (feature: string, from: number, rest: string): Flow =>
  flowOfText(
    `cookie=0xdf01${feature}${objectHash('Port', `vm${from}`)}, table=52, ip,metadata=0x${from},in_port=${from},` +
      `dl_src=${MACS[from - 1]},dl_dst=${GATEWAYS[from - 1]},${rest}`,
  )
const refused = (from: number, to: string) =>
  made('91', from, `nw_src=10.${from}.0.3,nw_dst=${to} actions=drop`)
const fallback = (from: number, to: string) => made('92', from, `nw_dst=${to} actions=goto_table:54`)

const [ONE_TWO, ONE_THREE] = [connection(1, 2), connection(1, 3)]
const FLOWS = [
  ...modelFlows(TOPOLOGY),
  ...[...ONE_TWO, ...ONE_THREE, refused(2, '10.3.0.99'), fallback(3, '10.2.0.0/24')],
  flowOfText('cookie=0x5, table=52, ip,nw_dst=10.2.0.3 actions=drop'),
]
const flush = (target: FlushTarget, flows = FLOWS) => planFlush(TOPOLOGY, flows, target).flushed
const object = (text: string) => parseFlushObject(text)!

describe('what is flushed', () => {
  test.each([
    ['Port/vm1', { flows: 4, connections: 2, refused: 0, fallbacks: 0 }],
    // also as the end of a refusal, and of a fallback for its subnet
    ['Port/vm2', { flows: 4, connections: 1, refused: 1, fallbacks: 1 }],
    ['Port/vm3', { flows: 3, connections: 1, refused: 0, fallbacks: 1 }],
    ['Subnet/sub2', { flows: 4, connections: 1, refused: 1, fallbacks: 1 }],
    ['Network/net3', { flows: 4, connections: 1, refused: 1, fallbacks: 1 }],
    ['Router/r1', { flows: 6, connections: 2, refused: 1, fallbacks: 1 }],
    ['Router/r2', { flows: 0, connections: 0, refused: 0, fallbacks: 0 }],
  ])('by %s has it on its path', (text, flushed) => {
    expect(flush(object(text))).toEqual(flushed)
  })

  test('by all is everything that was made from packets, and nothing else', () => {
    expect(flush('all')).toEqual({ flows: 6, connections: 2, refused: 1, fallbacks: 1 })
    const { changes } = planFlush(TOPOLOGY, FLOWS, 'all')
    expect(changes.map(({ kind }) => kind)).toEqual(Array(6).fill('delete'))
    expect(flush('all', [...modelFlows(TOPOLOGY)])).toMatchObject({ flows: 0 })
  })

  test('counts a connection of one direction as one', () => {
    expect(flush(object('Port/vm1'), ONE_TWO.slice(1))).toMatchObject({ flows: 1, connections: 1 })
  })

  test('by a port that is not plugged in any more is what it sent', () => {
    const unplugged = topologyOf(MANIFESTS, plugged('vm2', 2, { ifaceId: 'vm2' }))
    expect(planFlush(unplugged, ONE_TWO, object('Port/vm1')).flushed).toMatchObject({ flows: 1 })
  })
})

test.each(['vm1', 'Port', 'Port/', 'port/vm1', 'Node/a', 'Port/vm1/x', '/vm1', ''])(
  '%j is nothing that can be flushed',
  (text) => {
    expect(parseFlushObject(text)).toBeUndefined()
  },
)

describe('an object', () => {
  const STORE = plainStore(MANIFESTS)

  test('of the manifests may be flushed', () => {
    expect(() => checkFlushable(object('Port/vm1'), STORE)).not.toThrow()
  })

  test('that they do not have is an error with the nearest name', () => {
    expect(thrownBy(() => checkFlushable(object('Port/vn1'), STORE))).toMatchObject({
      code: 'UNKNOWN_OBJECT',
      message: 'The manifests of the daemon have no Port "vn1".',
      remedy: 'Did you mean "vm1"?',
    })
    expect(() => checkFlushable(object('Router/vm1'), STORE)).toThrow('no Router "vm1"')
    expect(() => checkFlushable(object('Port/vm1'), undefined)).toThrow('no Port "vm1"')
  })
})

function thrownBy(work: () => void): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  return undefined
}
