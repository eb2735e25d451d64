// Flows that packets ask for, held against the topology: what was allowed or refused in, the flow that it is to have out,
// or none where that is no longer right.
import {
  type Fallback,
  FALLBACK_FEATURE,
  fallbackFlow,
  fallbackPath,
} from '../features/east-west/fallback.js'
import { CONNECTION_FEATURE, connectionFlow, type ConnectionTimeouts } from '../features/east-west/index.js'
import { REFUSED_FEATURE, refusedFlow } from '../features/east-west/refused.js'
import { type Muted, MUTED_FEATURE, mutedFlow } from '../features/punt/muted.js'
import { type ConnectionHalf, type Refusal, type Route, routeOf } from '../topology/connection.js'
import type { Topology } from '../topology/topology.js'
import { objectHash } from '../values/hash.js'
import { type DesiredFlow, desiredFlow } from './desired.js'
import type { ReactiveFlow } from './observed.js'

const CONNECTION = { name: 'connection', id: CONNECTION_FEATURE, class: 'connection' } as const
const REFUSED = { name: 'refused', id: REFUSED_FEATURE, class: 'connection' } as const
const MUTED = { name: 'muted', id: MUTED_FEATURE, class: 'connection' } as const
const FALLBACK = { name: 'fallback', id: FALLBACK_FEATURE, class: 'connection' } as const

/** Refusals that the switch remembers for a while. A packet for the router itself is answered each time. */
const REMEMBERED: ReadonlySet<Refusal> = new Set<Refusal>([
  'spoofed-source',
  'not-to-router',
  'no-route',
  'unknown-host',
  'host-not-here',
])

export function isRemembered(refusal: Refusal): boolean {
  return REMEMBERED.has(refusal)
}

/** @returns undefined when it has no right to be: the topology, or the mind, has changed */
export function compileReactive(
  topology: Topology,
  reactive: ReactiveFlow,
  timeouts: ConnectionTimeouts,
): DesiredFlow | undefined {
  switch (reactive.kind) {
    case 'connection':
      return compileHalf(topology, reactive.half, timeouts)
    case 'refused':
      return compileRefused(topology, reactive.half)
    case 'fallback':
      return compileFallback(topology, reactive.fallback, timeouts)
    case 'muted':
      return compileMuted(topology, reactive.muted)
  }
}

function compileHalf(
  topology: Topology,
  half: ConnectionHalf,
  timeouts: ConnectionTimeouts,
): DesiredFlow | undefined {
  const route = routeOf(topology, half)
  if (typeof route === 'string' || route.ingress.router.forwarding === 'proactive') return undefined
  return compileRoute(half, route, timeouts)
}

/** For whoever has found the route already. */
export function compileRoute(half: ConnectionHalf, route: Route, timeouts: ConnectionTimeouts): DesiredFlow {
  return desiredFlow(CONNECTION, route.source.port, connectionFlow(half, route, timeouts))
}

function compileRefused(topology: Topology, half: ConnectionHalf): DesiredFlow | undefined {
  const source = topology.localPortAt(half.ofport)
  const route = routeOf(topology, half)
  if (!source || typeof route !== 'string' || !isRemembered(route)) return undefined
  return desiredFlow(REFUSED, source.port, refusedFlow(half))
}

function compileMuted(topology: Topology, muted: Muted): DesiredFlow | undefined {
  const port = topology.localPortAt(muted.ofport)?.port
  if (!port || objectHash(port.kind, port.name) !== muted.object) return undefined
  return desiredFlow(MUTED, port, mutedFlow(muted))
}

function compileFallback(
  topology: Topology,
  fallback: Fallback,
  timeouts: ConnectionTimeouts,
): DesiredFlow | undefined {
  const path = fallbackPath(topology, fallback)
  return path && desiredFlow(FALLBACK, path.source.port, fallbackFlow(fallback, path, timeouts))
}
