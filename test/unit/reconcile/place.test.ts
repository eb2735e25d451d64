// A node among others works by what it may reach, and must come to what it came to by all objects.
import { fc, test as property } from '@fast-check/jest'
import { describe, expect, test } from '@jest/globals'
import { compileModel } from '../../../src/compile/compiler.js'
import { FEATURES, TUNNEL_FEATURES } from '../../../src/features/index.js'
import type { ManifestSet } from '../../../src/manifest/model.js'
import { plainStore } from '../../../src/manifest/store.js'
import { neededAt, placeOf } from '../../../src/reconcile/place.js'
import { type ClusterView, NO_CLUSTER } from '../../../src/topology/cluster-view.js'
import { buildTopology, type Topology } from '../../../src/topology/topology.js'
import {
  flowText,
  manifestsOf,
  network,
  node,
  PATCH_TUN,
  plugged,
  port,
  router,
  subnet,
  TUNNEL_INTERFACES,
} from '../../support/networks.js'
import { packedStore } from '../../support/stores.js'

const NODES = ['node-a', 'node-b', 'node-c']

interface Site {
  /** Of each port: its network, and where it is said to be. */
  readonly ports: readonly { readonly net: number; readonly host: string | undefined }[]
  /** Of each router: the networks of its legs. */
  readonly routers: readonly (readonly number[])[]
  /** Numbers of the ports that are plugged in here. */
  readonly here: readonly number[]
  /** Nodes by number of the port. */
  readonly bindings: readonly (readonly [number, string])[]
}

const NETWORKS = 6
const net = fc.integer({ min: 0, max: NETWORKS - 1 })
const at = fc.constantFrom(...NODES)
const portNumber = fc.nat({ max: 11 })

const SITES: fc.Arbitrary<Site> = fc.record({
  ports: fc.array(fc.record({ net, host: fc.option(at, { nil: undefined }) }), { maxLength: 12 }),
  routers: fc.array(fc.uniqueArray(net, { minLength: 1, maxLength: 3 }), { maxLength: 3 }),
  here: fc.uniqueArray(portNumber, { maxLength: 6 }),
  bindings: fc.array(fc.tuple(portNumber, at), { maxLength: 8 }),
})

/** Every third port is claimed by the name of its interface, every third by another iface-id, and the rest by their names. */
const claimOf = (n: number) => ['name', 'ifaceId', 'interface'][n % 3]!

function manifestsIn({ ports, routers }: Site): ManifestSet {
  return manifestsOf(
    ...NODES.map((name, n) => node(name, `192.0.2.${n + 1}`)),
    ...Array.from({ length: NETWORKS }, (_, n) => [
      network(`net${n}`, 100 + n),
      subnet(`sub${n}`, `net${n}`, `10.0.${n}.0/24`),
    ]).flat(),
    ...ports.map(({ net, host }, n) =>
      port(`vm${n}`, `net${net}`, {
        ips: { [`sub${net}`]: `10.0.${net}.${100 + n}` },
        ...(host !== undefined && { host }),
        ...(claimOf(n) === 'ifaceId' && { ifaceId: `id-vm${n}` }),
        ...(claimOf(n) === 'interface' && { interface: `tap-vm${n}` }),
      }),
    ),
    ...routers.map((legs, r) =>
      router(
        `r${r}`,
        Object.fromEntries(legs.map((n) => [`sub${n}`, [`02:00:00:00:0${r}:0${n}`, `10.0.${n}.${r + 1}`]])),
      ),
    ),
  )
}

function interfacesOf({ here }: Site) {
  const own = here.map((n) =>
    plugged(`tap-vm${n}`, 11 + n, {
      ...(claimOf(n) !== 'interface' && { ifaceId: claimOf(n) === 'name' ? `vm${n}` : `id-vm${n}` }),
    }),
  )
  return [...own, PATCH_TUN, plugged('eth0', 3)]
}

function clusterOf({ bindings }: Site): ClusterView {
  return { bindings: new Map(bindings.map(([n, name]) => [`vm${n}`, name])), tunnelIps: new Map() }
}

/** All of it that is no function, and all flows of both bridges. */
function textOf(topology: Topology): string {
  const flows = [FEATURES, TUNNEL_FEATURES].flatMap((features) =>
    [...compileModel(topology, new Map(), features).values()].map(({ flow }) => flowText(flow)),
  )
  return JSON.stringify({ ...topology, notices: [], peers: [...topology.peers], flows })
}

property.prop([SITES, fc.boolean()], { numRuns: 300 })(
  'a topology of what may be reached is that of everything',
  (site, isClustered) => {
    const manifests = manifestsIn(site)
    const store = plainStore(manifests)
    const cluster = isClustered ? clusterOf(site) : NO_CLUSTER
    const interfaces = interfacesOf(site)
    const place = placeOf('node-a', { interfaces }, cluster)
    const needed = neededAt(store, place)
    const rest = { node: 'node-a', interfaces, tunnelInterfaces: TUNNEL_INTERFACES, cluster }
    const [small, large] = [needed, manifests].map((set) => buildTopology({ manifests: set, ...rest }))
    expect(textOf(small!)).toBe(textOf(large!))
    // Ports of nobody say that they are not plugged in where they may be reached, and not on every node.
    const names = new Set(needed.ports.map(({ name }) => name))
    expect(small!.notices).toEqual(large!.notices.filter((notice) => names.has(notice.port.name)))
    const isSilent = large!.notices.filter((notice) => !names.has(notice.port.name))
    expect(
      isSilent.filter(({ port: { host }, reason }) => host !== undefined || reason !== 'NotPlugged'),
    ).toEqual([])
  },
)

describe('a node that is alone', () => {
  const manifests = manifestsOf(network('net1', 1), network('net2', 2), port('vm1', 'net1'))
  const HERE = { interfaces: [plugged('tap', 1, { ifaceId: 'vm1' })] }

  test('needs everything, made once for each store', () => {
    const asked = packedStore(manifests)
    const { store } = asked
    const place = placeOf('node-a', HERE)
    expect(neededAt(store, place)).toEqual(manifests)
    expect(neededAt(store, place)).toBe(neededAt(store, { ...place }))
    expect(asked.unpacked).toBe(1)
  })

  test('is not, in a cluster', () => {
    const store = plainStore(manifests)
    const cluster = { bindings: new Map(), tunnelIps: new Map() }
    const place = placeOf('host-a', HERE, cluster)
    expect(neededAt(store, place).networks.map(({ name }) => name)).toEqual(['net1'])
  })
})
