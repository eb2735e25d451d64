// Which pings a fault may cost: a round goes in with what each stream lost in it, sums for local and remote streams and
// everything that was lost without excuse come out.
import { NO_PINGS, sumPings } from '../sums.js'
import type { PingWindow } from '../traffic.js'
import { GUESTS, type GuestName, type NodeName } from './manifests.js'
import type { ClusterRound } from './rounds.js'
import { type Stream, STREAMS } from './traffic.js'

export interface MeasuredClusterRound extends ClusterRound {
  /** Of streams inside nodes: those of nodes that the fault does not touch, or of all if it may cost them nothing. */
  readonly local: PingWindow
  /** Of streams inside nodes whose switch the fault takes away. */
  readonly localStruck: PingWindow
  readonly remote: PingWindow
}

/** @param windows of each stream, in their order */
export function measureRound(round: ClusterRound, windows: readonly PingWindow[]): MeasuredClusterRound {
  const each = STREAMS.map((stream, i) => ({ stream, window: windows[i] ?? NO_PINGS }))
  const local = each.filter(({ stream }) => isLocal(stream, round))
  const sumIf = (wanted: (stream: Stream) => boolean): PingWindow =>
    sumPings(local.filter(({ stream }) => wanted(stream)).map(({ window }) => window))
  const unexcused = each
    .filter(({ stream, window }) => !mayLose(stream, round) && window.lost > floorOf(stream, round))
    .map(({ stream: { from, to }, window }) => `${from} > ${to} lost ${window.lost} of ${window.sent} pings`)
  return {
    ...round,
    findings: [...round.findings, ...unexcused],
    local: sumIf((stream) => !mayLose(stream, round)),
    localStruck: sumIf((stream) => mayLose(stream, round)),
    remote: sumPings(each.filter(({ stream }) => !isLocal(stream, round)).map(({ window }) => window)),
  }
}

/**
 * While a device is plugged in or out, Open vSwitch itself can lose a packet that comes out of a tunnel: it does so with no
 * daemon near it as well (docs/reliability.md). Pings, in each stream between nodes.
 */
const PLUGGING_FLOOR = 2

function floorOf(stream: Stream, round: ClusterRound): number {
  return round.fault.costs === 'wanderer' && !isLocal(stream, round) ? PLUGGING_FLOOR : 0
}

function mayLose(stream: Stream, round: ClusterRound): boolean {
  const { fault, struck } = round
  switch (fault.costs) {
    case 'none':
      return false
    case 'wanderer':
      return stream.to === 'wanderer'
    case 'remote':
      return !isLocal(stream, round) && nodesOf(stream, round).some((node) => struck.includes(node))
    case 'node':
      return nodesOf(stream, round).some((node) => struck.includes(node))
  }
}

function isLocal(stream: Stream, round: ClusterRound): boolean {
  return new Set(nodesOf(stream, round)).size === 1
}

function nodesOf({ from, to }: Stream, { wandererAt }: ClusterRound): readonly NodeName[] {
  const nodeOf = (name: GuestName): NodeName => (name === 'wanderer' ? wandererAt : GUESTS[name].node)
  return [nodeOf(from), nodeOf(to)]
}
