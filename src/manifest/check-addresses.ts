// Addresses of ports and router interfaces: inside their subnet, and no two alike in one network.
import { ReconcileError, type RelatedPosition } from '../errors/error.js'
import { comparePositions } from '../errors/position.js'
import { contains } from '../values/cidr.js'
import { type Ipv4, renderIpv4 } from '../values/ipv4.js'
import type { Mac } from '../values/mac.js'
import { fits, misfitProblem } from './addresses.js'
import { describeObject } from './describe.js'
import type { Located, PortDraft, Report, RouterDraft, RouterInterfaceDraft, SubnetDraft } from './draft.js'
import { findClashes, groupBy } from './grouping.js'
import type { ManifestIndex } from './manifest-index.js'

/** Somebody's address in a network. */
interface Holding<T> {
  readonly network: string
  readonly owner: string
  readonly address: Located<T>
}

export function checkAddresses(index: ManifestIndex, report: Report): void {
  const subnetsByNetwork = groupBy(index.of('Subnet'), ({ network }) => network?.value)
  const attached = index.of('Router').flatMap((router) => attachedInterfaces(router, index, report))
  const routers = attached.flatMap((item) => routerHolding(item, report))
  const ports = index
    .of('Port')
    .flatMap((port) =>
      port.fixedIps.flatMap((fixed) => portHolding(port, fixed, subnetsByNetwork, index, report)),
    )
  const reserved = new Map(gatewayHoldings(index).map((gateway) => [holdingKey(gateway), gateway]))
  findClashes(routers, holdingKey, (second, first) => report(sameRouterAddress(second, first)))
  for (const router of routers) reserved.set(holdingKey(router), router)
  const free = ports.filter((port) => {
    const gateway = reserved.get(holdingKey(port))
    if (gateway) report(gatewayConflict(port, gateway))
    return !gateway
  })
  findClashes(free, holdingKey, (second, first) =>
    report(sameAddress('DUPLICATE_IP', second, first, renderIpv4)),
  )
  checkMacs(index, attached, report)
}

function holdingKey({ network, address }: Holding<Ipv4 | Mac>): string {
  return `${network}/${address.value}`
}

interface AttachedInterface {
  readonly router: RouterDraft
  readonly item: RouterInterfaceDraft
  readonly subnet: SubnetDraft
}

/** The interfaces whose subnet is known; a subnet named again is reported and left out. */
function attachedInterfaces(router: RouterDraft, index: ManifestIndex, report: Report): AttachedInterface[] {
  const repeated = new Set<RouterInterfaceDraft>()
  findClashes(
    router.interfaces,
    ({ subnet }) => subnet?.value,
    (second, first) => {
      repeated.add(second)
      if (second.subnet && first.subnet) report(subnetTwice(router, second.subnet, first.subnet))
    },
  )
  return router.interfaces.flatMap((item) => {
    const subnet = index.find('Subnet', item.subnet)
    return subnet && !repeated.has(item) ? [{ router, item, subnet }] : []
  })
}

function subnetTwice({ name }: RouterDraft, second: Located<string>, first: Located<string>): ReconcileError {
  const message = `${describeObject('Router', name?.value)} names ${describeObject('Subnet', second.value)} twice.`
  const related = [{ label: 'first named here', at: first.at }]
  const remedy = 'Keep one interface in each subnet.'
  return new ReconcileError('DUPLICATE_SUBNET', message, { at: second.at, related, remedy })
}

function routerHolding({ router, item, subnet }: AttachedInterface, report: Report): Holding<Ipv4>[] {
  const owner = describeObject('Router', router.name?.value)
  const network = subnet.network?.value
  if (item.ipAddress === 'gateway') {
    const gatewayIp = usableGateway(subnet)
    if (!gatewayIp || network === undefined) return []
    return [{ network, owner, address: { value: gatewayIp.value, at: item.at, isDefault: true } }]
  }
  if (!item.ipAddress || !subnet.cidr) return []
  const misfit = misfitProblem(
    owner,
    item.ipAddress,
    subnet.cidr,
    describeObject('Subnet', subnet.name?.value),
  )
  if (misfit) report(misfit)
  return misfit || network === undefined ? [] : [{ network, owner, address: item.ipAddress }]
}

function gatewayHoldings(index: ManifestIndex): Holding<Ipv4>[] {
  return index.of('Subnet').flatMap((subnet) => {
    const owner = `the gateway of ${describeObject('Subnet', subnet.name?.value)}`
    return holding(subnet.network, owner, usableGateway(subnet))
  })
}

/** The gateway unless it does not fit its subnet, which has been reported. */
function usableGateway({ cidr, gatewayIp }: SubnetDraft): Located<Ipv4> | undefined {
  return cidr && gatewayIp && fits(gatewayIp.value, cidr.value) ? gatewayIp : undefined
}

/** The port's address if it is one of its network's; else a report. */
function portHolding(
  port: PortDraft,
  fixed: PortDraft['fixedIps'][number],
  subnetsByNetwork: ReadonlyMap<string, readonly SubnetDraft[]>,
  index: ManifestIndex,
  report: Report,
): Holding<Ipv4>[] {
  const subnet = index.find('Subnet', fixed.subnet)
  const { network } = port
  if (!subnet?.network || !network) return []
  const owner = describeObject('Port', port.name?.value)
  if (subnet.network.value !== network.value) {
    // A network that is not there has been reported; what the port means by it is not known.
    if (index.find('Network', network)) report(foreignSubnet(owner, network, fixed.subnet, subnet))
    return []
  }
  const { ipAddress } = fixed
  if (!ipAddress || !subnet.cidr) return []
  const siblings = subnetsByNetwork.get(network.value) ?? []
  const elsewhere = siblings.find(({ cidr }) => cidr && contains(cidr.value, ipAddress.value))?.name?.value
  const title = describeObject('Subnet', subnet.name?.value)
  const misfit = misfitProblem(
    owner,
    ipAddress,
    subnet.cidr,
    title,
    elsewhere === subnet.name?.value ? undefined : elsewhere,
  )
  if (misfit) report(misfit)
  return misfit ? [] : [{ network: network.value, owner, address: ipAddress }]
}

function foreignSubnet(
  owner: string,
  network: Located<string>,
  mention: Located<string> | undefined,
  subnet: SubnetDraft,
): ReconcileError {
  const title = describeObject('Subnet', subnet.name?.value)
  const other = subnet.network?.value ?? ''
  const message = `${owner} is on network "${network.value}", but ${title} is on network "${other}".`
  const related: RelatedPosition[] = [
    { label: 'the network of the port', at: network.at },
    ...(subnet.network ? [{ label: 'the network of the subnet', at: subnet.network.at }] : []),
  ]
  const remedy = `Use a subnet of "${network.value}", or put the port on "${other}".`
  return new ReconcileError('SUBNET_OF_OTHER_NETWORK', message, {
    at: (mention ?? network).at,
    related,
    remedy,
  })
}

function gatewayConflict(port: Holding<Ipv4>, gateway: Holding<Ipv4>): ReconcileError {
  const message = `${port.owner} has address ${renderIpv4(port.address.value)}, which is that of ${gateway.owner}.`
  const related = [{ label: gateway.owner, at: gateway.address.at }]
  const remedy = 'Use another address for the port, or another gatewayIp for the subnet.'
  return new ReconcileError('GATEWAY_CONFLICT', message, { at: port.address.at, related, remedy })
}

function sameRouterAddress(second: Holding<Ipv4>, first: Holding<Ipv4>): ReconcileError {
  const message = `${second.owner} has address ${renderIpv4(second.address.value)}, which ${first.owner} has already.`
  const related = [{ label: 'first used here', at: first.address.at }]
  const remedy = 'Give one of the two interfaces another ipAddress.'
  return new ReconcileError('DUPLICATE_IP', message, { at: second.address.at, related, remedy })
}

function sameAddress<T extends Ipv4 | Mac>(
  code: 'DUPLICATE_IP' | 'DUPLICATE_MAC',
  second: Holding<T>,
  first: Holding<T>,
  render: (address: T) => string,
): ReconcileError {
  const { value, at, isDefault } = second.address
  const derived = isDefault ? ' (derived from its name)' : ''
  const again = second.owner === first.owner ? ' twice' : `, which ${first.owner} has already`
  const message = `${second.owner} has address ${render(value)}${derived}${again} on network "${second.network}".`
  const related = [{ label: 'first used here', at: first.address.at }]
  const verb = isDefault ? 'Give it' : 'Use'
  const remedy = `${verb} an address that nothing else on network "${second.network}" has.`
  return new ReconcileError(code, message, { at, related, remedy })
}

function checkMacs(index: ManifestIndex, attached: readonly AttachedInterface[], report: Report): void {
  const routers = attached.flatMap(({ router, item, subnet }) =>
    holding(subnet.network, describeObject('Router', router.name?.value), item.macAddress),
  )
  const ports = index
    .of('Port')
    .flatMap(({ name, network, macAddress }) =>
      holding(network, describeObject('Port', name?.value), macAddress),
    )
  const inOrder = [...routers, ...ports].toSorted((a, b) => comparePositions(a.address.at, b.address.at))
  findClashes(inOrder, holdingKey, (second, first) =>
    report(sameAddress('DUPLICATE_MAC', second, first, (mac) => mac)),
  )
}

function holding<T>(
  network: Located<string> | undefined,
  owner: string,
  address: Located<T> | undefined,
): Holding<T>[] {
  return network && address ? [{ network: network.value, owner, address }] : []
}
