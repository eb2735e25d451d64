// What the manifests say, after every check and with every default applied: the desired network as plain records.
import type { FromSchema } from 'json-schema-to-ts'
import { documentSchema } from '../../schemas/document.schema.js'
import type { nodeSchema } from '../../schemas/node.schema.js'
import type { routerSchema } from '../../schemas/router.schema.js'
import type { SourcePosition } from '../errors/error.js'
import type { Cidr } from '../values/cidr.js'
import type { Ipv4 } from '../values/ipv4.js'
import type { Mac } from '../values/mac.js'

export type Kind = FromSchema<typeof documentSchema>['kind']
/** In the order in which they refer to each other. */
export const KINDS: readonly Kind[] = documentSchema.properties.kind.enum

export type Encapsulation = FromSchema<typeof nodeSchema>['spec']['encapsulation']

export interface ObjectBase {
  readonly name: string
  /** Where the name is written. */
  readonly at: SourcePosition
  readonly labels: Readonly<Record<string, string>>
}

export interface Network extends ObjectBase {
  readonly kind: 'Network'
  /** 1..16777215, unique */
  readonly segmentationId: number
}

export interface Subnet extends ObjectBase {
  readonly kind: 'Subnet'
  readonly network: string
  readonly cidr: Cidr
  /** First host of the CIDR unless given. */
  readonly gatewayIp: Ipv4
}

export interface RouterInterface {
  readonly subnet: string
  /** The subnet's gatewayIp unless given. */
  readonly ipAddress: Ipv4
  /** Derived from the names of router and subnet unless given. */
  readonly macAddress: Mac
  readonly at: SourcePosition
}

export interface StaticRoute {
  readonly destination: Cidr
  /** An address in the subnet of one of the interfaces. */
  readonly nextHop: Ipv4
  readonly at: SourcePosition
}

export type Forwarding = NonNullable<FromSchema<typeof routerSchema>['spec']['forwarding']>

export interface Router extends ObjectBase {
  readonly kind: 'Router'
  readonly interfaces: readonly RouterInterface[]
  /** `reactive` unless given. */
  readonly forwarding: Forwarding
  readonly routes: readonly StaticRoute[]
}

export interface FixedIp {
  readonly subnet: string
  readonly ipAddress: Ipv4
}

/** Addresses that a guest may send from beside its fixed ones. */
export interface AddressPair {
  readonly cidr: Cidr
  /** That of the port unless given. */
  readonly macAddress: Mac
}

export interface Port extends ObjectBase {
  readonly kind: 'Port'
  readonly network: string
  /** Derived from the name unless given. */
  readonly macAddress: Mac
  readonly fixedIps: readonly FixedIp[]
  /** True unless given: the guest sends from its own addresses only. */
  readonly portSecurity: boolean
  readonly allowedAddressPairs: readonly AddressPair[]
  /** Name of a Node; undefined: wherever the interface shows up. */
  readonly host: string | undefined
  /** Name of the OVS interface; at most one of this and `ifaceId` is given. */
  readonly interface: string | undefined
  /** Matches external_ids:iface-id; the port's own name when the manifest gives neither. */
  readonly ifaceId: string | undefined
}

export interface Node extends ObjectBase {
  readonly kind: 'Node'
  readonly tunnelIp: Ipv4
  readonly encapsulation: Encapsulation
}

/** All objects, each list sorted by name in code-unit order. */
export interface ManifestSet {
  readonly networks: readonly Network[]
  readonly subnets: readonly Subnet[]
  readonly routers: readonly Router[]
  readonly ports: readonly Port[]
  readonly nodes: readonly Node[]
}

export const NO_MANIFESTS: ManifestSet = { networks: [], subnets: [], routers: [], ports: [], nodes: [] }
