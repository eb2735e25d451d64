import { expect, test } from '@jest/globals'
import { parseEthernet } from '../../../src/packet/ethernet.js'
import { announcements, Arrivals } from '../../../src/reconcile/arrivals.js'
import type { Topology } from '../../../src/topology/topology.js'
import { twoNetworks } from '../../support/networks.js'

const TWO = twoNetworks()
const [FIRST] = TWO.localPorts
const joined = (localPorts: Topology['localPorts']): Topology => ({ ...TWO, localPorts, tunnelPort: 6 })
const names = (ports: Topology['localPorts']) => ports.map(({ port }) => port.name)

test('who is here at the start has not come; who comes later has, once, and again when it returns', () => {
  const arrivals = new Arrivals()
  const [both, one] = [joined(TWO.localPorts), joined(TWO.localPorts.slice(0, 1))]
  expect([one, both, both, one, both].map((topology) => names(arrivals.of(topology)))).toEqual([
    [],
    ['vm2'],
    [],
    [],
    ['vm2'],
  ])
})

test('a port that has another number is the same port', () => {
  const arrivals = new Arrivals()
  arrivals.of(joined(TWO.localPorts))
  expect(
    arrivals.of(joined(TWO.localPorts.map((local) => ({ ...local, ofport: local.ofport + 1 })))),
  ).toEqual([])
})

test('a node without a way to others announces nobody', () => {
  const arrivals = new Arrivals()
  arrivals.of({ ...joined([]), tunnelPort: undefined })
  expect(arrivals.of({ ...joined(TWO.localPorts), tunnelPort: undefined })).toEqual([])
})

test('an announcement is both forms of gratuitous ARP, sent through the tables as from the port', () => {
  const messages = announcements(FIRST!)
  expect(messages.map(({ match, actions }) => ({ match, actions }))).toEqual(
    [1, 2].map(() => ({
      match: [{ field: 'in_port', value: '0000000b' }],
      actions: [{ type: 'output', port: 0xfffffff9, maxLen: 0 }],
    })),
  )
  const frames = messages.map(({ data }) => parseEthernet(data))
  const { macAddress } = FIRST!.port
  const [sha, spa] = [macAddress.replaceAll(':', ''), '0a010003']
  // RFC 826: hardware and protocol types, their lengths, the operation, then sender and target.
  expect(
    frames.map((frame) => frame.kind === 'ethernet' && [frame.dst, frame.src, frame.payload.toString('hex')]),
  ).toEqual([
    ['ff:ff:ff:ff:ff:ff', macAddress, `0001080006040001${sha}${spa}000000000000${spa}`],
    ['ff:ff:ff:ff:ff:ff', macAddress, `0001080006040002${sha}${spa}${sha}${spa}`],
  ])
})
