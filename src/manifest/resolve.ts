// Drafts without any problem to the set of manifests: places stripped, the defaults that need another object applied.
import { compareText } from '../errors/position.js'
import type {
  AddressPairDraft,
  Draft,
  FixedIpDraft,
  NetworkDraft,
  NodeDraft,
  PortDraft,
  RouterDraft,
  StaticRouteDraft,
  SubnetDraft,
} from './draft.js'
import type { ManifestIndex } from './manifest-index.js'
import type {
  AddressPair,
  FixedIp,
  ManifestSet,
  Network,
  Node,
  ObjectBase,
  Port,
  Router,
  RouterInterface,
  StaticRoute,
  Subnet,
} from './model.js'

/** The checks must have found nothing: what is not known is left out here without a word. */
export function resolveManifests(index: ManifestIndex): ManifestSet {
  return {
    networks: sorted(index.of('Network').flatMap(resolveNetwork)),
    subnets: sorted(index.of('Subnet').flatMap(resolveSubnet)),
    routers: sorted(index.of('Router').flatMap((router) => resolveRouter(router, index))),
    ports: sorted(index.of('Port').flatMap(resolvePort)),
    nodes: sorted(index.of('Node').flatMap(resolveNode)),
  }
}

function sorted<T extends ObjectBase>(objects: readonly T[]): readonly T[] {
  return objects.toSorted((a, b) => compareText(a.name, b.name))
}

function baseOf({ name, labels }: Draft): ObjectBase[] {
  return name ? [{ name: name.value, at: name.at, labels }] : []
}

function resolveNetwork(draft: NetworkDraft): Network[] {
  const { kind, segmentationId } = draft
  return segmentationId
    ? baseOf(draft).map((base) => ({ kind, ...base, segmentationId: segmentationId.value }))
    : []
}

function resolveSubnet(draft: SubnetDraft): Subnet[] {
  const { kind, network, cidr, gatewayIp } = draft
  if (!network || !cidr || !gatewayIp) return []
  const spec = { network: network.value, cidr: cidr.value, gatewayIp: gatewayIp.value }
  return baseOf(draft).map((base) => ({ kind, ...base, ...spec }))
}

function resolveRouter(draft: RouterDraft, index: ManifestIndex): Router[] {
  const interfaces = draft.interfaces.flatMap(({ at, subnet, ipAddress, macAddress }): RouterInterface[] => {
    const address = ipAddress === 'gateway' ? index.find('Subnet', subnet)?.gatewayIp : ipAddress
    if (!subnet || !address || !macAddress) return []
    return [{ subnet: subnet.value, ipAddress: address.value, macAddress: macAddress.value, at }]
  })
  const { kind, forwarding = 'reactive' } = draft
  const routes = draft.routes.flatMap(resolveRoute)
  return baseOf(draft).map((base) => ({ kind, ...base, interfaces, forwarding, routes }))
}

function resolveRoute({ at, destination, nextHop }: StaticRouteDraft): StaticRoute[] {
  return destination && nextHop ? [{ destination: destination.value, nextHop: nextHop.value, at }] : []
}

function resolvePort(draft: PortDraft): Port[] {
  const { kind, network, macAddress } = draft
  if (!network || !macAddress) return []
  const spec = {
    network: network.value,
    macAddress: macAddress.value,
    fixedIps: draft.fixedIps.flatMap(resolveFixedIp),
    portSecurity: draft.portSecurity,
    allowedAddressPairs: draft.allowedAddressPairs.flatMap(resolveAddressPair),
    host: draft.host?.value,
    interface: draft.interface?.value,
    ifaceId: draft.ifaceId?.value,
  }
  return baseOf(draft).map((base) => ({ kind, ...base, ...spec }))
}

function resolveFixedIp({ subnet, ipAddress }: FixedIpDraft): FixedIp[] {
  return subnet && ipAddress ? [{ subnet: subnet.value, ipAddress: ipAddress.value }] : []
}

function resolveAddressPair({ cidr, macAddress }: AddressPairDraft): AddressPair[] {
  return cidr && macAddress ? [{ cidr: cidr.value, macAddress: macAddress.value }] : []
}

function resolveNode(draft: NodeDraft): Node[] {
  const { kind, tunnelIp, encapsulation } = draft
  if (!tunnelIp || !encapsulation) return []
  const spec = { tunnelIp: tunnelIp.value, encapsulation: encapsulation.value }
  return baseOf(draft).map((base) => ({ kind, ...base, ...spec }))
}
