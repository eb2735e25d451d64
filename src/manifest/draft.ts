// Objects between reading and checking: every value with its place. A field that is undefined is either not there or was
// wrong and has been reported; the checks between objects pass over it, so that one mistake gives one report.
import type { ReconcileError, SourcePosition } from '../errors/error.js'
import type { Cidr } from '../values/cidr.js'
import type { Ipv4 } from '../values/ipv4.js'
import type { Mac } from '../values/mac.js'
import type { Encapsulation, Forwarding, Kind } from './model.js'

export interface Located<T> {
  readonly value: T
  /** For a default: what it comes from. */
  readonly at: SourcePosition
  /** Set where the manifest does not say it. */
  readonly isDefault?: true
}

type Known<T> = Located<T> | undefined

interface DraftBase {
  readonly name: Known<string>
  readonly labels: Readonly<Record<string, string>>
}

export interface NetworkDraft extends DraftBase {
  readonly kind: 'Network'
  readonly segmentationId: Known<number>
}

export interface SubnetDraft extends DraftBase {
  readonly kind: 'Subnet'
  readonly network: Known<string>
  readonly cidr: Known<Cidr>
  readonly gatewayIp: Known<Ipv4>
}

export interface RouterInterfaceDraft {
  readonly at: SourcePosition
  readonly subnet: Known<string>
  /** 'gateway': the subnet's gatewayIp. */
  readonly ipAddress: Known<Ipv4> | 'gateway'
  readonly macAddress: Known<Mac>
}

export interface StaticRouteDraft {
  readonly at: SourcePosition
  readonly destination: Known<Cidr>
  readonly nextHop: Known<Ipv4>
}

export interface RouterDraft extends DraftBase {
  readonly kind: 'Router'
  readonly interfaces: readonly RouterInterfaceDraft[]
  readonly forwarding: Forwarding | undefined
  readonly routes: readonly StaticRouteDraft[]
}

export interface FixedIpDraft {
  readonly subnet: Known<string>
  readonly ipAddress: Known<Ipv4>
}

export interface AddressPairDraft {
  readonly cidr: Known<Cidr>
  readonly macAddress: Known<Mac>
}

export interface PortDraft extends DraftBase {
  readonly kind: 'Port'
  readonly network: Known<string>
  readonly macAddress: Known<Mac>
  readonly fixedIps: readonly FixedIpDraft[]
  readonly portSecurity: boolean
  readonly allowedAddressPairs: readonly AddressPairDraft[]
  readonly host: Known<string>
  /** Undefined also when the host is wrong: whether two ports claim one interface is then not known. */
  readonly interface: Known<string>
  readonly ifaceId: Known<string>
}

export interface NodeDraft extends DraftBase {
  readonly kind: 'Node'
  readonly tunnelIp: Known<Ipv4>
  readonly encapsulation: Known<Encapsulation>
}

export type Draft = NetworkDraft | SubnetDraft | RouterDraft | PortDraft | NodeDraft

/** An object that is there, however broken; undefined: its kind or name cannot be read. */
export interface Sighting {
  readonly kind: Kind | undefined
  readonly name: string | undefined
  /** Where it begins; undefined where no file is its own. */
  readonly at?: SourcePosition
}

/** Takes a problem found. */
export type Report = (problem: ReconcileError) => void
