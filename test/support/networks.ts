// Networks for tests: manifests in short go through the real parser, interfaces are plugged by a line, and out come
// topologies and their flows in the notation of ovs-ofctl.
import { readdirSync, readFileSync } from 'node:fs'
import { renderError } from '../../src/errors/render.js'
import type { ManifestSet } from '../../src/manifest/model.js'
import { parseManifests } from '../../src/manifest/parse.js'
import { type ManifestStore, plainStore } from '../../src/manifest/store.js'
import type { Flow } from '../../src/openflow/flow.js'
import { NO_NAMES } from '../../src/openflow/text/port-names.js'
import { parseFlow } from '../../src/openflow/text/parse.js'
import { renderFlow } from '../../src/openflow/text/print.js'
import type { Feature } from '../../src/pipeline/feature.js'
import { buildFlow } from '../../src/pipeline/flow.js'
import type { SwitchInterface } from '../../src/topology/interfaces.js'
import { buildTopology, type Topology, type TopologyInputs } from '../../src/topology/topology.js'
import { zeroHex } from '../../src/values/hex.js'
import { type Ipv4, parseIpv4 } from '../../src/values/ipv4.js'
import { type Mac, parseMac } from '../../src/values/mac.js'

export interface Document {
  readonly kind: string
  readonly metadata: Readonly<Record<string, unknown>>
  readonly spec: Readonly<Record<string, unknown>>
}

export function network(name: string, segmentationId: number): Document {
  return { kind: 'Network', metadata: { name }, spec: { segmentationId } }
}

export function subnet(name: string, networkName: string, cidr: string): Document {
  return { kind: 'Subnet', metadata: { name }, spec: { network: networkName, cidr } }
}

/** @param legs MAC address by name of the subnet, or MAC and IP address */
export function router(name: string, legs: Readonly<Record<string, string | readonly string[]>>): Document {
  const interfaces = Object.entries(legs).map(([of, addresses]) => {
    const [macAddress, ipAddress] = typeof addresses === 'string' ? [addresses] : addresses
    return { subnet: of, macAddress, ...(ipAddress === undefined ? {} : { ipAddress }) }
  })
  return { kind: 'Router', metadata: { name }, spec: { interfaces } }
}

export interface PortOptions {
  readonly macAddress?: string
  /** Address by name of the subnet. */
  readonly ips?: Readonly<Record<string, string>>
  readonly host?: string
  readonly interface?: string
  readonly ifaceId?: string
  readonly portSecurity?: boolean
  readonly allowedAddressPairs?: readonly Readonly<Record<string, string>>[]
}

export function port(name: string, networkName: string, { ips = {}, ...rest }: PortOptions = {}): Document {
  const fixedIps = Object.entries(ips).map(([of, ipAddress]) => ({ subnet: of, ipAddress }))
  return { kind: 'Port', metadata: { name }, spec: { network: networkName, fixedIps, ...rest } }
}

export function node(name: string, tunnelIp: string): Document {
  return { kind: 'Node', metadata: { name }, spec: { tunnelIp, encapsulation: 'geneve' } }
}

/** Document N stands in line N of `net.yaml`. */
export function manifestsOf(...documents: readonly Document[]): ManifestSet {
  const text = documents.map((document) => JSON.stringify({ apiVersion: 'reconcile/v1', ...document }))
  return parsed([{ path: 'net.yaml', text: text.join('\n--- ') }])
}

export function storeOf(...documents: readonly Document[]): ManifestStore {
  return plainStore(manifestsOf(...documents))
}

/** The manifests of a folder of examples/. */
export function exampleManifests(name: string): ManifestSet {
  const folder = new URL(`../../examples/${name}/`, import.meta.url)
  const names = readdirSync(folder).filter((file) => file.endsWith('.yaml'))
  return parsed(
    names.map((file) => ({
      path: `examples/${name}/${file}`,
      text: readFileSync(new URL(file, folder), 'utf8'),
    })),
  )
}

function parsed(files: Parameters<typeof parseManifests>[0]): ManifestSet {
  const { manifests, problems } = parseManifests(files)
  if (!manifests) throw new Error(problems.map((problem) => renderError(problem)).join('\n'))
  return manifests
}

/** An interface of the bridge; undefined: the switch has given it no number. */
export function plugged(
  name: string,
  ofport: number | undefined,
  more: Partial<SwitchInterface> = {},
): SwitchInterface {
  return { name, ofport, type: '', ifaceId: undefined, attachedMac: undefined, error: undefined, ...more }
}

export const PATCH_TUN = plugged('patch-tun', 6, { type: 'patch' })

export const TWO_NETWORKS = exampleManifests('two-networks')

/** The post's bench: VM1 on port 11, VM2 on port 12, the tunnel bridge behind port 6. */
export function twoNetworks(manifests = TWO_NETWORKS): Topology {
  return topologyOf(manifests, plugged('tap-vm1', 11), plugged('tap-vm2', 12), PATCH_TUN)
}

/** The two ports of the tunnel bridge. */
export const TUNNEL_INTERFACES: readonly SwitchInterface[] = [
  plugged('patch-int', 1, { type: 'patch' }),
  plugged('tun', 2, { type: 'geneve' }),
]

/**
 * The topology of one node among others, with both bridges.
 * @param names of the interfaces that are plugged in, each with its name as iface-id; numbers from 11
 */
export function topologyOn(
  manifests: ManifestSet,
  name: string,
  names: readonly string[],
  more: Partial<TopologyInputs> = {},
): Topology {
  const own = names.map((each, n) => plugged(each, 11 + n, { ifaceId: each }))
  const interfaces = [...own, PATCH_TUN]
  return buildTopology({ manifests, node: name, interfaces, tunnelInterfaces: TUNNEL_INTERFACES, ...more })
}

export function topologyOf(manifests: ManifestSet, ...interfaces: readonly SwitchInterface[]): Topology {
  return buildTopology({ manifests, node: undefined, interfaces })
}

/** A flow as ovs-ofctl prints it, without its cookie. */
export function flowText(flow: Flow): string {
  return renderFlow({ ...flow, cookie: zeroHex(8) }, NO_NAMES)
}

/** A flow out of the notation of ovs-ofctl. */
export function flowOfText(text: string): Flow {
  return parseFlow(
    { text, at: { file: 'test', line: 1, column: 1, length: text.length } },
    { names: NO_NAMES },
  )
}

/** All flows of a feature, as ovs-ofctl prints them, without cookies. */
export function flowsOfFeature(feature: Feature, topology: Topology): readonly string[] {
  return feature
    .slices(topology)
    .flatMap(({ facts }) => feature.flows(facts))
    .map((spec) => flowText(buildFlow(spec, zeroHex(8))))
}

export function ip(text: string): Ipv4 {
  const address = parseIpv4(text)
  if (address === undefined) throw new Error(`no IPv4 address: ${text}`)
  return address
}

export function mac(text: string): Mac {
  const address = parseMac(text)
  if (address === undefined) throw new Error(`no MAC address: ${text}`)
  return address
}
