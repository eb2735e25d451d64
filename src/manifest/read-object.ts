// The checked value of one document to a draft object: values parsed, defaults that need no other object applied.
import type { FromSchema } from 'json-schema-to-ts'
import type { networkSchema } from '../../schemas/network.schema.js'
import type { nodeSchema } from '../../schemas/node.schema.js'
import type { portSchema } from '../../schemas/port.schema.js'
import type { routerSchema } from '../../schemas/router.schema.js'
import type { subnetSchema } from '../../schemas/subnet.schema.js'
import { ReconcileError } from '../errors/error.js'
import { firstHost } from '../values/cidr.js'
import { deriveMac } from '../values/mac.js'
import type {
  AddressPairDraft,
  Draft,
  FixedIpDraft,
  Located,
  NetworkDraft,
  NodeDraft,
  PortDraft,
  Report,
  RouterDraft,
  RouterInterfaceDraft,
  StaticRouteDraft,
  SubnetDraft,
} from './draft.js'
import type { ObjectSource } from './object-source.js'
import type { Loose } from './schema-check.js'
import { checkIfaceId, checkInterfaceName } from './names.js'
import { readAddresses, readCidr, readDestination, readIpv4, readMac, readUnicastIpv4 } from './values.js'

/** Any manifest, typed by its kind. */
export type Manifest =
  | FromSchema<typeof networkSchema>
  | FromSchema<typeof subnetSchema>
  | FromSchema<typeof routerSchema>
  | FromSchema<typeof portSchema>
  | FromSchema<typeof nodeSchema>

type Spec<Kind extends Manifest['kind']> = Loose<Extract<Manifest, { kind: Kind }>['spec']> | undefined

/** A manifest without its wrong parts, and always with its kind. */
export type LooseManifest = {
  [Kind in Manifest['kind']]: {
    readonly kind: Kind
    readonly metadata?: Loose<Manifest['metadata']> | undefined
    readonly spec?: Spec<Kind>
  }
}[Manifest['kind']]

export function readObject(manifest: LooseManifest, source: ObjectSource, report: Report): Draft {
  switch (manifest.kind) {
    case 'Network':
      return readNetwork(manifest.spec, source)
    case 'Subnet':
      return readSubnet(manifest.spec, source, report)
    case 'Router':
      return readRouter(manifest.spec, source, report)
    case 'Port':
      return readPort(manifest.spec, source, report)
    case 'Node':
      return readNode(manifest.spec, source, report)
  }
}

function readNetwork(spec: Spec<'Network'>, source: ObjectSource): NetworkDraft {
  const segmentationId = source.locate('/spec/segmentationId', spec?.segmentationId)
  return { kind: 'Network', ...source.base, segmentationId }
}

function readSubnet(spec: Spec<'Subnet'>, source: ObjectSource, report: Report): SubnetDraft {
  const network = source.locate('/spec/network', spec?.network)
  const cidr = source.read('/spec/cidr', spec?.cidr, readCidr, report)
  const gatewayIp =
    source.isAbsent('/spec/gatewayIp', spec?.gatewayIp) && cidr
      ? byDefault(firstHost(cidr.value), cidr)
      : source.read('/spec/gatewayIp', spec?.gatewayIp, readIpv4, report)
  return { kind: 'Subnet', ...source.base, network, cidr, gatewayIp }
}

function readRouter(spec: Spec<'Router'>, source: ObjectSource, report: Report): RouterDraft {
  const interfaces = (spec?.interfaces ?? []).map((item, index) => readInterface(item, index, source, report))
  const routes = (spec?.routes ?? []).map((item, index) => readRoute(item, index, source, report))
  return { kind: 'Router', ...source.base, interfaces, forwarding: spec?.forwarding, routes }
}

type InterfaceSpec = NonNullable<NonNullable<Spec<'Router'>>['interfaces']>[number]

function readInterface(
  item: InterfaceSpec,
  index: number,
  source: ObjectSource,
  report: Report,
): RouterInterfaceDraft {
  const pointer = `/spec/interfaces/${index}`
  const subnet = source.locate(`${pointer}/subnet`, item?.subnet)
  const { name } = source.base
  const ipAddress = source.isAbsent(`${pointer}/ipAddress`, item?.ipAddress)
    ? 'gateway'
    : source.read(`${pointer}/ipAddress`, item?.ipAddress, readIpv4, report)
  const macAddress =
    source.isAbsent(`${pointer}/macAddress`, item?.macAddress) && name && subnet
      ? byDefault(deriveMac('RouterInterface', `${name.value}/${subnet.value}`), subnet)
      : source.read(`${pointer}/macAddress`, item?.macAddress, readMac, report)
  return { at: source.at(pointer), subnet, ipAddress, macAddress }
}

type RouteSpec = NonNullable<NonNullable<Spec<'Router'>>['routes']>[number]

function readRoute(item: RouteSpec, index: number, source: ObjectSource, report: Report): StaticRouteDraft {
  const pointer = `/spec/routes/${index}`
  return {
    at: source.at(pointer),
    destination: source.read(`${pointer}/destination`, item?.destination, readDestination, report),
    nextHop: source.read(`${pointer}/nextHop`, item?.nextHop, readUnicastIpv4, report),
  }
}

function readPort(spec: Spec<'Port'>, source: ObjectSource, report: Report): PortDraft {
  const { name } = source.base
  const macAddress =
    source.isAbsent('/spec/macAddress', spec?.macAddress) && name
      ? byDefault(deriveMac('Port', name.value), name)
      : source.read('/spec/macAddress', spec?.macAddress, readMac, report)
  return {
    kind: 'Port',
    ...source.base,
    network: source.locate('/spec/network', spec?.network),
    macAddress,
    fixedIps: (spec?.fixedIps ?? []).map((item, index) => readFixedIp(item, index, source, report)),
    portSecurity: spec?.portSecurity ?? true,
    allowedAddressPairs: (spec?.allowedAddressPairs ?? []).map((item, index) =>
      readAddressPair(item, index, macAddress, source, report),
    ),
    host: source.locate('/spec/host', spec?.host),
    ...readClaim(spec, source, report),
  }
}

type FixedIpSpec = NonNullable<NonNullable<Spec<'Port'>>['fixedIps']>[number]

function readFixedIp(item: FixedIpSpec, index: number, source: ObjectSource, report: Report): FixedIpDraft {
  const pointer = `/spec/fixedIps/${index}`
  return {
    subnet: source.locate(`${pointer}/subnet`, item?.subnet),
    ipAddress: source.read(`${pointer}/ipAddress`, item?.ipAddress, readIpv4, report),
  }
}

type AddressPairSpec = NonNullable<NonNullable<Spec<'Port'>>['allowedAddressPairs']>[number]

function readAddressPair(
  item: AddressPairSpec,
  index: number,
  ownMac: PortDraft['macAddress'],
  source: ObjectSource,
  report: Report,
): AddressPairDraft {
  const pointer = `/spec/allowedAddressPairs/${index}`
  const macAddress = source.isAbsent(`${pointer}/macAddress`, item?.macAddress)
    ? ownMac
    : source.read(`${pointer}/macAddress`, item?.macAddress, readMac, report)
  return { cidr: source.read(`${pointer}/ipAddress`, item?.ipAddress, readAddresses, report), macAddress }
}

/** Which interface of the switch the port is: by name, by iface-id, or else by the port's own name as iface-id. */
function readClaim(
  spec: Spec<'Port'>,
  source: ObjectSource,
  report: Report,
): Pick<PortDraft, 'interface' | 'ifaceId'> {
  const name = source.locate('/spec/interface', spec?.interface)
  const given = source.locate('/spec/ifaceId', spec?.ifaceId)
  if (name) checkInterfaceName(name, source.subject('/spec/interface'), report)
  if (given) checkIfaceId(given, source.subject('/spec/ifaceId'), report)
  if (name && given) report(twoClaims(name, given, source))
  const neither =
    source.isAbsent('/spec/interface', spec?.interface) && source.isAbsent('/spec/ifaceId', spec?.ifaceId)
  const ifaceId = neither && source.base.name ? byDefault(source.base.name.value, source.base.name) : given
  return source.isBroken('/spec/host')
    ? { interface: undefined, ifaceId: undefined }
    : { interface: name, ifaceId }
}

function twoClaims(name: Located<string>, ifaceId: Located<string>, source: ObjectSource): ReconcileError {
  const message = `${source.title} gives both an interface and an ifaceId.`
  const related = [{ label: 'the interface', at: name.at }]
  return new ReconcileError('WRONG_VALUE', message, {
    at: ifaceId.at,
    related,
    remedy: 'Remove one of the two.',
  })
}

function readNode(spec: Spec<'Node'>, source: ObjectSource, report: Report): NodeDraft {
  const tunnelIp = source.read('/spec/tunnelIp', spec?.tunnelIp, readUnicastIpv4, report)
  const encapsulation = source.locate('/spec/encapsulation', spec?.encapsulation)
  return { kind: 'Node', ...source.base, tunnelIp, encapsulation }
}

function byDefault<T>(value: T, from: Located<unknown>): Located<T> {
  return { value, at: from.at, isDefault: true }
}
