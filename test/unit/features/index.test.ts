import { expect, test } from '@jest/globals'
import { CONNECTION_FEATURE } from '../../../src/features/east-west/index.js'
import { FEATURES, TUNNEL_FEATURES } from '../../../src/features/index.js'
import { exampleManifests, topologyOn, twoNetworks } from '../../support/networks.js'

const ALL = [...FEATURES, ...TUNNEL_FEATURES]
const THREE_NODES = topologyOn(exampleManifests('three-nodes'), 'node-a', ['web-1', 'db-1'])

test('each feature has a name and a number of its own, which fits the cookie', () => {
  const ids = [...ALL.map(({ id }) => id), CONNECTION_FEATURE]
  expect(new Set(ids).size).toBe(ids.length)
  for (const id of ids) expect(id).toBeLessThan(64)
  expect(new Set(ALL.map(({ name }) => name)).size).toBe(ALL.length)
})

test('the numbers are those that switches already hold in cookies', () => {
  expect(Object.fromEntries(ALL.map(({ name, id }) => [name, id]))).toEqual({
    canary: 1,
    unclaimed: 2,
    ingress: 3,
    classify: 4,
    arp: 5,
    'arp-responder': 6,
    routing: 7,
    'own-subnet': 8,
    'east-west': 9,
    'layer2-unicast': 11,
    'layer2-group': 12,
    tunnel: 13,
    punt: 14,
    'port-security': 15,
    'port-security-rules': 16,
    'icmp-echo': 19,
    spoofed: 20,
    'echo-through': 21,
    'static-routes': 22,
    'router-errors': 23,
    neighbours: 24,
    'arp-remote': 26,
    'tunnel-ingress': 32,
    'tunnel-peers': 33,
    'tunnel-wrong-network': 34,
    'tunnel-networks': 35,
    'tunnel-spoofed': 36,
    'tunnel-senders': 37,
    'tunnel-routers': 38,
    'tunnel-no-destination': 39,
    'tunnel-unicast': 40,
    'tunnel-group': 41,
  })
  expect(CONNECTION_FEATURE).toBe(10)
})

test('each feature says in a sentence what it is for', () => {
  for (const { purpose } of ALL) expect(purpose).toMatch(/^[A-Z].*\.$/)
})

test('flows of the model have an owner, flows of the pipeline have none', () => {
  for (const topology of [twoNetworks(), THREE_NODES]) {
    for (const feature of ALL) {
      const owners = feature.slices(topology).map(({ owner }) => owner !== undefined)
      expect([feature.name, owners]).toEqual([feature.name, owners.map(() => feature.class === 'model')])
    }
  }
})

test('the slices of a feature have keys of their own', () => {
  for (const topology of [twoNetworks(), THREE_NODES]) {
    for (const feature of ALL) {
      const keys = feature.slices(topology).map(({ key }) => key)
      expect(new Set(keys).size).toBe(keys.length)
    }
  }
})
