// Traffic of a chaos run of many nodes: pings inside nodes and between them, and guests that listen for frames of other
// networks; what each stream lost in a stretch of time comes out.
import type { Vm } from '../../../test/support/vm.js'
import { waitFor } from '../../../test/support/wait.js'
import type { Helper } from '../helper.js'
import { finishSniffers, noiseFrame, now, type PingWindow, type Sniffed, startTraffic } from '../traffic.js'
import { GUEST_NAMES, GUESTS, type GuestName, LEGS, spareMac, SPARES } from './manifests.js'

export type Guests = Readonly<Record<GuestName, Vm>>

export interface Stream {
  readonly from: GuestName
  readonly to: GuestName
}

/** Inside a node: of one network, and of two. */
const LOCAL = [
  ['a1', 'a2'],
  ['b1', 'b2'],
  ['c1', 'c2'],
] as const

/** Between each two nodes, in each network and across the router; and to the guest that moves. */
const REMOTE = [
  ['a2', 'b1'],
  ['b2', 'c2'],
  ['a3', 'c1'],
  ['red1', 'red2'],
  ['a1', 'wanderer'],
] as const

export const STREAMS: readonly Stream[] = [...LOCAL, ...REMOTE].map(([from, to]) => ({ from, to }))

/** Plenty of time for an answer, where nothing is wrong. Seconds. */
const ROUND_TRIP_S = 0.1
const NOISE_EVERY_S = 0.2

export class ClusterTraffic {
  readonly #pings: readonly Helper[]
  readonly #sniffers: readonly Helper[]

  private constructor(guests: Guests, intervalMs: number) {
    this.#sniffers = GUEST_NAMES.map((name) =>
      startTraffic(guests[name], 'sniff', JSON.stringify(sniffing(name))),
    )
    this.#pings = STREAMS.map(({ from, to }) =>
      startTraffic(guests[from], 'ping', GUESTS[to].address, String(intervalMs)),
    )
  }

  /** Resolves when all of it runs: the network has to be there. @param intervalMs between two pings of a stream */
  static async start(guests: Guests, intervalMs: number): Promise<ClusterTraffic> {
    const traffic = new ClusterTraffic(guests, intervalMs)
    await waitFor(async () => (await traffic.silent()).length === 0, { what: 'traffic', timeoutMs: 20_000 })
    return traffic
  }

  /** Streams in which not every ping was answered that was sent just before now. */
  async silent(): Promise<readonly Stream[]> {
    const end = now() - ROUND_TRIP_S
    const windows = await this.pings(end - 0.2, end)
    return STREAMS.filter((_, i) => windows[i]?.sent === 0 || windows[i]?.lost !== 0)
  }

  /** Of each stream, for those sent in a stretch of time. */
  async pings(begin: number, end: number): Promise<readonly PingWindow[]> {
    return (await Promise.all(this.#pings.map((ping) => ping.ask([begin, end])))) as PingWindow[]
  }

  /** Ends all; gives what the sniffers saw. */
  async finish(): Promise<Sniffed> {
    const sniffed = await finishSniffers(this.#sniffers)
    await Promise.all(this.#pings.map((ping) => ping.end()))
    return sniffed
  }
}

/** Every guest sends to everybody and to each other guest by its MAC address, and knows from whom it may hear. */
function sniffing(name: GuestName) {
  const { network, mac: own } = GUESTS[name]
  const all = Object.values(GUESTS)
  const leg = LEGS[network]
  const neighbours = all.filter((guest) => guest.network === network).map(({ mac }) => mac)
  const spares = network === 'net1' ? Array.from({ length: SPARES }, (_, i) => spareMac(i)) : []
  const targets = ['ff:ff:ff:ff:ff:ff', ...all.map(({ mac }) => mac)].filter((mac) => mac !== own)
  return {
    sources: [...neighbours, ...spares, ...(leg === undefined ? [] : [leg])],
    noise: targets.map((mac) => noiseFrame(own, mac, name)),
    every: NOISE_EVERY_S,
  }
}
