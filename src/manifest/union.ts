// Two sets of manifests as one: objects of both in, the set that holds them all out, where the checks between objects
// allow it.
import type { SourcePosition } from '../errors/error.js'
import type { Draft, Located } from './draft.js'
import { indexManifests } from './manifest-index.js'
import type { ManifestSet, Network, Node, Port, Router, Subnet } from './model.js'
import { checkObjects } from './parse.js'
import { resolveManifests } from './resolve.js'

export type ManifestObject = Network | Subnet | Router | Port | Node

/** All objects of a set, kind by kind. */
export function objectsOf({
  networks,
  subnets,
  routers,
  ports,
  nodes,
}: ManifestSet): readonly ManifestObject[] {
  return [...networks, ...subnets, ...routers, ...ports, ...nodes]
}

/** The set of these objects; undefined when two of them clash or one refers to what is not among them. */
export function setOf(objects: readonly ManifestObject[]): ManifestSet | undefined {
  const drafts = objects.map(draftOf)
  const index = indexManifests(
    drafts,
    objects.map(({ kind, name }) => ({ kind, name })),
  )
  return checkObjects(index).length === 0 ? resolveManifests(index) : undefined
}

/** Of an object that was checked before, only the place of its name is known still. */
function draftOf(object: ManifestObject): Draft {
  const { at, labels } = object
  const base = { name: located(object.name, at), labels }
  switch (object.kind) {
    case 'Network':
      return { kind: object.kind, ...base, segmentationId: located(object.segmentationId, at) }
    case 'Subnet': {
      const { kind, network, cidr } = object
      // That it fits its subnet was checked where it was written, and a default need not fit.
      const gatewayIp = { ...located(object.gatewayIp, at), isDefault: true as const }
      return { kind, ...base, ...locatedAll({ network, cidr }, at), gatewayIp }
    }
    case 'Router':
      return {
        ...{ kind: object.kind, ...base, forwarding: object.forwarding },
        interfaces: object.interfaces.map(partDraftOf),
        routes: object.routes.map(partDraftOf),
      }
    case 'Port': {
      const { kind, network, macAddress, host, interface: name, ifaceId, portSecurity } = object
      const allowedAddressPairs = object.allowedAddressPairs.map((pair) => locatedAll(pair, at))
      const fixedIps = object.fixedIps.map((fixedIp) => locatedAll(fixedIp, at))
      const optional = { host: maybe(host, at), interface: maybe(name, at), ifaceId: maybe(ifaceId, at) }
      const lists = { fixedIps, portSecurity, allowedAddressPairs }
      return { kind, ...base, ...locatedAll({ network, macAddress }, at), ...lists, ...optional }
    }
    case 'Node': {
      const { kind, tunnelIp, encapsulation } = object
      return { kind, ...base, ...locatedAll({ tunnelIp, encapsulation }, at) }
    }
  }
}

/** A part of an object that has a place of its own. */
function partDraftOf<T extends { readonly at: SourcePosition }>({ at, ...values }: T) {
  return { at, ...locatedAll(values, at) }
}

function located<T>(value: T, at: SourcePosition): Located<T> {
  return { value, at }
}

function maybe<T>(value: T | undefined, at: SourcePosition): Located<T> | undefined {
  return value === undefined ? undefined : located(value, at)
}

type LocatedAll<T> = { readonly [K in keyof T]: Located<T[K]> }

function locatedAll<T extends object>(values: T, at: SourcePosition): LocatedAll<T> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, located<unknown>(value, at)]),
  ) as LocatedAll<T>
}
