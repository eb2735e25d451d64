// A node that leaves out what its ports cannot reach does with their packets what it would do if it knew everything.
import { fc, test as property } from '@fast-check/jest'
import { expect } from '@jest/globals'
import { compileModel } from '../../src/compile/compiler.js'
import type { DesiredFlow, DesiredFlows } from '../../src/compile/desired.js'
import { FEATURES, TUNNEL_FEATURES } from '../../src/features/index.js'
import type { ManifestSet, Node, Port } from '../../src/manifest/model.js'
import { buildTopology, type Topology, type TopologyInputs } from '../../src/topology/topology.js'
import { objectHash } from '../../src/values/hash.js'
import { numberFromHex } from '../../src/values/hex.js'
import { ip, mac, PATCH_TUN, plugged, TUNNEL_INTERFACES } from '../support/networks.js'
import { genome, worldInputs } from '../support/worlds.js'

const NODES: readonly Node[] = ['a', 'b', 'c'].map((name, n) => ({
  ...{ kind: 'Node', name, labels: {}, at: { file: 'nodes.yaml', line: n + 1, column: 1, length: 1 } },
  ...{ tunnelIp: ip(`192.0.2.${n + 1}`), encapsulation: 'geneve' },
}))

/** The same world on three nodes: each port has one of them as its host. */
function spread(genes: readonly number[], hosts: readonly number[]): TopologyInputs {
  const { manifests, interfaces } = worldInputs(genes)
  const ports = manifests.ports.map((port, i) => ({ ...port, host: NODES[(hosts[i] ?? 0) % 3]?.name }))
  return {
    manifests: { ...manifests, ports, nodes: NODES },
    node: 'a',
    interfaces: [...interfaces.filter(({ name }) => name !== PATCH_TUN.name), PATCH_TUN],
    tunnelInterfaces: TUNNEL_INTERFACES,
  }
}

/** With a port on the node in every network where it has none, which is to say that nothing is out of its reach. */
function withEverything(inputs: TopologyInputs, { localPorts }: Topology): TopologyInputs {
  const { ports } = inputs.manifests
  const entered = new Set(localPorts.map(({ network }) => network.name))
  const networks = inputs.manifests.networks.filter(({ name }) => !entered.has(name))
  const witnesses = networks.map(({ name, at }, i): Port => ({
    ...{ kind: 'Port', name: `witness-${name}`, at, labels: {}, network: name, host: 'a' },
    ...{ macAddress: mac(`02:00:00:77:00:0${i}`), fixedIps: [], allowedAddressPairs: [] },
    ...{ portSecurity: true, interface: `tap-${name}`, ifaceId: undefined },
  }))
  const manifests: ManifestSet = { ...inputs.manifests, ports: [...ports, ...witnesses] }
  const more = networks.map(({ name }, i) => plugged(`tap-${name}`, FIRST_WITNESS + i))
  return { ...inputs, manifests, interfaces: [...inputs.interfaces, ...more] }
}

const FIRST_WITNESS = 100

const hosts = fc.array(fc.nat({ max: 2 }), { minLength: 5, maxLength: 5 })

property.prop([genome, hosts], { numRuns: 200 })(
  'what is left out are flows that no packet of the node’s ports could meet',
  (genes, of) => {
    const inputs = spread(genes, of)
    const scoped = buildTopology(inputs)
    const whole = buildTopology(withEverything(inputs, scoped))
    for (const features of [FEATURES, TUNNEL_FEATURES]) {
      const [own, all] = [scoped, whole].map((each) => compileModel(each, new Map(), features))
      for (const [key, desired] of own!)
        expect([key, all!.get(key)?.instructions]).toEqual([key, desired.instructions])
      for (const desired of extra(all!, own!))
        expect([desired.key, isMet(desired, scoped)]).toEqual([desired.key, false])
    }
  },
)

function extra(all: DesiredFlows, own: DesiredFlows): readonly DesiredFlow[] {
  return [...all.values()].filter(({ key }) => !own.has(key))
}

/** Could a packet that a port of the node sends, or that is sent to one, have these fields? */
function isMet({ flow }: DesiredFlow, { localPorts, networks, routerLegs, peers }: Topology): boolean {
  const entered = new Set(localPorts.map(({ network }) => network.segmentationId))
  const reached = new Set(networks.map(({ segmentationId }) => segmentationId))
  const routers = new Set(routerLegs.map(({ router }) => objectHash('Router', router.name)))
  return flow.match.every(({ field, value, mask }) => {
    switch (field) {
      case 'in_port':
        return numberFromHex(value) < FIRST_WITNESS
      case 'metadata':
        return mask === undefined
          ? entered.has(numberFromHex(value))
          : [...routers].some((hash) => value.startsWith(hash))
      case 'tun_id':
        // Without a peer nothing comes in.
        return peers.size > 0 && entered.has(numberFromHex(value))
      case 'pkt_mark':
        // Into a network that is only reached packets are routed, each to one host.
        return (isToAll(flow) ? entered : reached).has(numberFromHex(value))
      case 'tun_src':
        // Another node is a peer by what it shares with a witness alone.
        return flow.tableId !== 0
      default:
        return true
    }
  })
}

function isToAll({ match }: DesiredFlow['flow']): boolean {
  return match.some(({ field, mask }) => field === 'eth_dst' && mask !== undefined)
}
