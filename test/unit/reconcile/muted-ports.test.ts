// A port that asks in vain again and again: how soon it is not heard, what becomes of its packets that waited meanwhile, and
// when it may ask again.
import { beforeEach, expect, test } from '@jest/globals'
import { ofportOf } from '../../../src/compile/observed.js'
import { Counters } from '../../../src/reconcile/counters.js'
import { NO_REACTION, type Reaction, ReactivePath } from '../../../src/reconcile/reactive-path.js'
import { twoNetworks } from '../../support/networks.js'
import { packetIn } from '../../support/packet-ins.js'
import { ipv4Frame } from '../../support/packets.js'
import { TIMEOUTS } from '../../support/plans.js'

const FROM_VM2 = { ethSrc: 'fa:16:3e:cf:4b:ed', ethDst: 'fa:16:3e:c5:02:4d', ipSrc: '10.2.0.3', protocol: 17 }
const topology = twoNetworks()

let now: number
let path: ReactivePath

beforeEach(() => {
  now = 0
  path = new ReactivePath({
    ...{ timeouts: TIMEOUTS, counters: new Counters(), now: () => now },
    onVerdict: () => undefined,
  })
})

/** What packets of vm2 to these hosts of net1 ask for, and are given. Only .3 is there. */
function react(...hosts: readonly number[]): Reaction {
  const packets = hosts.map((host) => packetIn(ipv4Frame({ ...FROM_VM2, ipDst: `10.1.0.${host}` })))
  const reaction = path.react(topology, packets)
  path.installed(reaction, () => true)
  return reaction
}

const kindsOf = ({ flows }: Reaction) => flows.map(({ flow }) => flow.kind)
const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i)

test('16 refused pairs are remembered; with the next one the port is muted, and they go', () => {
  for (const host of range(100, 16)) expect(kindsOf(react(host))).toEqual(['refused'])
  const reaction = react(200)
  expect(kindsOf(reaction)).toEqual(['fallback', 'muted'])
  expect([...reaction.muted]).toEqual([12])
  expect(path.refusedOf(topology, reaction.muted)).toHaveLength(16)
})

test('in a full pass as well they go, and those of other ports stay', () => {
  const fromVm1 = ipv4Frame({ ipSrc: '10.1.0.3', ipDst: '10.2.0.99', protocol: 17 })
  const other = path.react(topology, [packetIn(fromVm1, { ofport: 11, segmentationId: 8002 })])
  path.installed(other, () => true)
  for (const host of range(100, 16)) react(host)
  expect(path.staying(NO_REACTION).filter(({ kind }) => kind === 'refused')).toHaveLength(17)
  const refused = path.staying(react(200)).filter(({ kind }) => kind === 'refused')
  expect(refused.map(ofportOf)).toEqual([11])
})

test('refused pairs of the very packets that have a port muted are not made at all', () => {
  const reaction = react(...range(100, 20))
  expect(kindsOf(reaction)).toEqual(['fallback', 'muted'])
  expect(reaction.packets).toHaveLength(16) // each of these was answered
})

test('what waited while its port was muted is not remembered or answered, however late; a host that is there is reached', () => {
  react(...range(100, 20))
  now = 30_000
  const late = react(...range(150, 40))
  expect(late).toMatchObject({ flows: [], packets: [] })
  expect(kindsOf(react(3))).toContain('connection')
})

test('a port that the switch says to hear again can be refused again', () => {
  const { flows } = react(...range(100, 20))
  const muted = flows.find(({ flow }) => flow.kind === 'muted')
  now = 6_000
  expect(kindsOf(react(100))).toEqual([])
  if (muted) path.observed.removed(muted.desired.flow)
  expect(kindsOf(react(100))).toEqual(['refused'])
})

test('and so it can after 90 s where nobody told', () => {
  react(...range(100, 20))
  now = 91_000
  expect(kindsOf(react(100))).toEqual(['refused'])
})
