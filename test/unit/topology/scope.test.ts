import { describe, expect, test } from '@jest/globals'
import { compileModel } from '../../../src/compile/compiler.js'
import { NO_CLUSTER } from '../../../src/topology/cluster-view.js'
import { isAlone } from '../../../src/topology/scope.js'
import type { Topology } from '../../../src/topology/topology.js'
import { ip, manifestsOf, network, node, port, router, subnet, topologyOn } from '../../support/networks.js'

const A = node('node-a', '192.0.2.1')
const B = node('node-b', '192.0.2.2')

/** net1 - r12 - net2 - r23 - net3, and net9 apart; a port in each. */
const CHAIN = manifestsOf(
  ...[A, B],
  ...[1, 2, 3, 9].flatMap((n) => [
    network(`net${n}`, n),
    subnet(`sub${n}`, `net${n}`, `10.0.${n}.0/24`),
    port(`vm${n}`, `net${n}`, { ips: { [`sub${n}`]: `10.0.${n}.5` }, host: n === 1 ? 'node-a' : 'node-b' }),
  ]),
  router('r12', { sub1: '02:00:00:00:12:01', sub2: '02:00:00:00:12:02' }),
  router('r23', { sub2: ['02:00:00:00:23:02', '10.0.2.254'], sub3: '02:00:00:00:23:03' }),
)

function names({ networks, subnets, routerLegs, ingressLegs, remotePorts }: Topology) {
  return {
    networks: networks.map(({ name }) => name),
    subnets: subnets.map((each) => each.subnet.name),
    legs: routerLegs.map((leg) => `${leg.router.name}/${leg.subnet.name}`),
    ingress: ingressLegs.map((leg) => `${leg.router.name}/${leg.subnet.name}`),
    remote: remotePorts.map((remote) => remote.port.name),
  }
}

describe('a node needs', () => {
  test('its networks, their routers, and what is behind one of these, not behind the next', () => {
    expect(names(topologyOn(CHAIN, 'node-a', ['vm1']))).toEqual({
      networks: ['net1', 'net2'],
      subnets: ['sub1'],
      legs: ['r12/sub1', 'r12/sub2'],
      ingress: ['r12/sub1'],
      remote: ['vm2'],
    })
  })

  test('nothing as long as no port is plugged in', () => {
    expect(names(topologyOn(CHAIN, 'node-a', []))).toEqual({
      networks: [],
      subnets: [],
      legs: [],
      ingress: [],
      remote: [],
    })
  })

  test('no port out of reach, so its flows do not grow with the site', () => {
    const more = manifestsOf(
      ...[A, B, network('net1', 1), port('vm1', 'net1', { host: 'node-a' })],
      ...[...Array(20).keys()].flatMap((n) => [
        network(`other${n}`, 100 + n),
        port(`far${n}`, `other${n}`, { host: 'node-b' }),
      ]),
    )
    const few = manifestsOf(A, B, network('net1', 1), port('vm1', 'net1', { host: 'node-a' }))
    const [small, large] = [few, more].map((set) => compileModel(topologyOn(set, 'node-a', ['vm1'])))
    expect([...large!.keys()]).toEqual([...small!.keys()])
  })

  test('to know no address that its ports cannot reach', () => {
    const { hasPortWithIp } = topologyOn(CHAIN, 'node-a', ['vm1'])
    expect(hasPortWithIp('sub2', ip('10.0.2.5'))).toBe(true)
    expect(hasPortWithIp('sub3', ip('10.0.3.5'))).toBe(false)
  })
})

describe('a node is alone', () => {
  const one = manifestsOf(A, network('net1', 1))

  test('without a name, and without other nodes', () => {
    expect(isAlone(CHAIN, undefined, NO_CLUSTER)).toBe(true)
    expect(isAlone(one, 'node-a', NO_CLUSTER)).toBe(true)
  })

  test('not beside a Node of the manifests, nor in a cluster, whoever is in that yet', () => {
    expect(isAlone(CHAIN, 'node-a', NO_CLUSTER)).toBe(false)
    expect(isAlone(one, 'node-x', NO_CLUSTER)).toBe(false)
    expect(isAlone(one, 'node-a', { bindings: new Map(), tunnelIps: new Map() })).toBe(false)
  })

  test('and has everything then, plugged in or not', () => {
    const set = manifestsOf(A, network('net1', 1), subnet('sub1', 'net1', '10.0.1.0/24'))
    expect(names(topologyOn(set, 'node-a', []))).toMatchObject({ networks: ['net1'], subnets: ['sub1'] })
  })
})
