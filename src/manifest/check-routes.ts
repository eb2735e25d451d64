// Static routes and allowed address pairs: where they lead, and what they may not claim.
import { ReconcileError } from '../errors/error.js'
import { contains, renderCidr } from '../values/cidr.js'
import { renderIpv4 } from '../values/ipv4.js'
import { describeObject } from './describe.js'
import type { Report, RouterDraft, StaticRouteDraft, SubnetDraft } from './draft.js'
import { fits } from './addresses.js'
import { findClashes } from './grouping.js'
import type { ManifestIndex } from './manifest-index.js'

export function checkRoutes(index: ManifestIndex, report: Report): void {
  for (const router of index.of('Router')) {
    if (router.routes.length === 0) continue
    const subnets = router.interfaces.map(({ subnet }) => index.find('Subnet', subnet))
    const known = subnets.filter((subnet) => subnet !== undefined)
    for (const route of router.routes) {
      checkDestination(router, route, known, report)
      // A subnet that is not there, or is broken, has been reported; it may be the one.
      if (known.every(({ cidr }) => cidr) && known.length === subnets.length)
        checkNextHop(router, route, known, index, report)
    }
    findClashes(
      router.routes,
      ({ destination }) => destination && renderCidr(destination.value),
      (second, first) => {
        if (second.destination && first.destination)
          report(conflict(router, second.destination, 'another route of it', first.destination.at))
      },
    )
  }
}

function checkDestination(
  router: RouterDraft,
  { destination }: StaticRouteDraft,
  subnets: readonly SubnetDraft[],
  report: Report,
): void {
  if (!destination) return
  const text = renderCidr(destination.value)
  const same = subnets.find(({ cidr }) => cidr && renderCidr(cidr.value) === text)
  if (same?.cidr)
    report(conflict(router, destination, describeObject('Subnet', same.name?.value), same.cidr.at))
}

function conflict(
  { name }: RouterDraft,
  destination: NonNullable<StaticRouteDraft['destination']>,
  other: string,
  at: NonNullable<StaticRouteDraft['destination']>['at'],
): ReconcileError {
  const message = `${describeObject('Router', name?.value)} has a route to ${renderCidr(destination.value)}, where ${other} is already.`
  return new ReconcileError('ROUTE_CONFLICT', message, {
    at: destination.at,
    related: [{ label: other, at }],
    remedy: 'Keep one of the two, or use a longer prefix.',
  })
}

function checkNextHop(
  router: RouterDraft,
  { nextHop }: StaticRouteDraft,
  subnets: readonly SubnetDraft[],
  index: ManifestIndex,
  report: Report,
): void {
  if (!nextHop) return
  const subnet = subnets.find(({ cidr }) => cidr && contains(cidr.value, nextHop.value))
  const title = describeObject('Router', router.name?.value)
  const is = `The next hop ${renderIpv4(nextHop.value)} of ${title} is`
  const fail = (reason: string) =>
    report(
      new ReconcileError('NEXT_HOP_UNREACHABLE', `${is} ${reason}.`, {
        at: nextHop.at,
        remedy: 'Use the address of a port in a subnet of this router.',
      }),
    )
  if (!subnet?.cidr) fail('in no subnet of it')
  else if (!fits(nextHop.value, subnet.cidr.value)) fail('no address that a host can have')
  else if (ownAddresses(router, index).has(nextHop.value)) fail('an address of the router itself')
}

function ownAddresses(router: RouterDraft, index: ManifestIndex): ReadonlySet<number> {
  return new Set(
    router.interfaces.flatMap(({ ipAddress, subnet }) => {
      const address = ipAddress === 'gateway' ? index.find('Subnet', subnet)?.gatewayIp : ipAddress
      return address ? [address.value] : []
    }),
  )
}

/** A guest may never send from the address of a gateway: a pair for just that one is a mistake. */
export function checkAddressPairs(index: ManifestIndex, report: Report): void {
  const gateways = new Map(
    index.of('Subnet').map((subnet) => [`${subnet.network?.value}/${subnet.gatewayIp?.value}`, subnet]),
  )
  const routers = routerMacs(index)
  for (const { name, network, allowedAddressPairs } of index.of('Port')) {
    for (const { cidr, macAddress } of allowedAddressPairs) {
      const router = macAddress && routers.get(`${network?.value}/${macAddress.value}`)
      if (router) report(macOfRouter(describeObject('Port', name?.value), macAddress, router))
      if (!cidr || cidr.value.prefixLength !== 32) continue
      const gateway = gateways.get(`${network?.value}/${cidr.value.network}`)
      if (!gateway?.gatewayIp) continue
      const owner = `the gateway of ${describeObject('Subnet', gateway.name?.value)}`
      const message = `${describeObject('Port', name?.value)} may not send from ${renderIpv4(cidr.value.network)}, which is that of ${owner}.`
      report(
        new ReconcileError('GATEWAY_CONFLICT', message, {
          at: cidr.at,
          related: [{ label: owner, at: gateway.gatewayIp.at }],
          remedy: 'Remove the pair: no guest may send from the address of a gateway.',
        }),
      )
    }
  }
}

type RouterInterface = RouterDraft['interfaces'][number]

/** Interfaces of routers by network and MAC address. */
function routerMacs(index: ManifestIndex): ReadonlyMap<string, NonNullable<RouterInterface['macAddress']>> {
  return new Map(
    index.of('Router').flatMap(({ interfaces }) =>
      interfaces.flatMap(({ subnet, macAddress }) => {
        const network = index.find('Subnet', subnet)?.network?.value
        return network !== undefined && macAddress
          ? [[`${network}/${macAddress.value}`, macAddress] as const]
          : []
      }),
    ),
  )
}

function macOfRouter(
  owner: string,
  { value, at }: NonNullable<RouterInterface['macAddress']>,
  router: NonNullable<RouterInterface['macAddress']>,
): ReconcileError {
  return new ReconcileError(
    'GATEWAY_CONFLICT',
    `${owner} may not send from ${value}, which is that of a router.`,
    {
      at,
      related: [{ label: 'the interface of the router', at: router.at }],
      remedy: 'Use the MAC address that the guest sends from, or leave it out.',
    },
  )
}
