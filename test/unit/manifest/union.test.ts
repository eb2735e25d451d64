import { describe, expect, test } from '@jest/globals'
import { objectsOf, setOf } from '../../../src/manifest/union.js'
import { exampleManifests, manifestsOf, network, node, port, router, subnet } from '../../support/networks.js'

const BASE = [
  network('net1', 8002),
  subnet('net1-v4', 'net1', '10.1.0.0/24'),
  router('r1', { 'net1-v4': 'fa:16:3e:c0:8d:8b' }),
  port('vm1', 'net1', {
    macAddress: 'fa:16:3e:00:17:e6',
    ips: { 'net1-v4': '10.1.0.3' },
    interface: 'tap-vm1',
  }),
]

describe('the set of some objects', () => {
  test.each(['one-network', 'two-networks', 'two-tenants'])(
    'of examples/%s is the same set again',
    (name) => {
      const manifests = exampleManifests(name)
      expect(setOf(objectsOf(manifests))).toEqual(manifests)
    },
  )

  test('with nodes, hosts and gateways by default is the same set, too', () => {
    const manifests = manifestsOf(
      ...BASE,
      subnet('tiny', 'net1', '10.9.0.0/32'),
      node('node-a', '192.0.2.11'),
      port('vm2', 'net1', { host: 'node-a' }),
    )
    expect(setOf(objectsOf(manifests))).toEqual(manifests)
  })

  test('keeps the very places of the objects, so that their flows need not be compiled again', () => {
    const manifests = manifestsOf(...BASE)
    const again = setOf(objectsOf(manifests))
    expect(again?.ports[0]?.at).toBe(manifests.ports[0]?.at)
    expect(again?.routers[0]?.interfaces[0]?.at).toBe(manifests.routers[0]?.interfaces[0]?.at)
  })

  test.each([
    ['two networks with one segmentation id', [network('other', 8002)]],
    ['two of one name', [network('net1', 8009)]],
    [
      'a reference that leads nowhere',
      [network('lost', 8009), subnet('lost-v4', 'lost', '10.7.0.0/24')].slice(1),
    ],
    ['subnets that overlap', [subnet('wide', 'net1', '10.1.0.0/16')]],
    ['two ports of one address', [port('vm9', 'net1', { macAddress: 'fa:16:3e:00:17:e6' })]],
    ['two ports of one interface', [port('vm9', 'net1', { interface: 'tap-vm1' })]],
  ])('does not exist with %s', (_, documents) => {
    const others = documents.map((document) => {
      const around = document.kind === 'Network' ? [] : [network('net1', 8002), network('lost', 8009)]
      const set = manifestsOf(...around, document)
      return objectsOf(set).filter(({ name }) => name === document.metadata.name)
    })
    expect(setOf([...objectsOf(manifestsOf(...BASE)), ...others.flat()])).toBeUndefined()
  })
})
