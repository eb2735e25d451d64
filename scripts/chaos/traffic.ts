// Traffic of a chaos run: guests that ping, stream and listen go in, what was lost in a stretch of time comes out.
import { startInside } from '../../test/support/namespace.js'
import type { Vm } from '../../test/support/vm.js'
import { waitFor } from '../../test/support/wait.js'
import { Helper, script } from './helper.js'
import { GUESTS, LEGS, STRANGER } from './manifests.js'
import { sumPings, sumSniffed } from './sums.js'

/** Seconds of CLOCK_MONOTONIC, as Python's time.monotonic() has them. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e9
}

export interface PingWindow {
  readonly sent: number
  readonly lost: number
  /** Longest time without an answer, in seconds. */
  readonly gapS: number
}

export interface StreamWindow {
  readonly bytes: number
  readonly gapS: number
  /** So far: more than one says that a connection broke. */
  readonly connections: number
}

export interface Sniffed {
  readonly frames: number
  /** Frames from a MAC address that the network does not have. */
  readonly strange: number
  readonly samples: readonly (readonly [atS: number, hex: string])[]
}

export type Guests = Readonly<Record<keyof typeof GUESTS, Vm>>

const PORT = '5001'

/** Plenty of time for an answer, where nothing is wrong. Seconds. */
const ROUND_TRIP_S = 0.1

export class Traffic {
  readonly #pings: readonly Helper[]
  readonly #server: Helper
  readonly #client: Helper
  readonly #sniffers: readonly Helper[]

  private constructor(guests: Guests, stranger: Vm, intervalMs: number) {
    const ping = (from: Vm, to: keyof Guests) =>
      startTraffic(from, 'ping', GUESTS[to].ip.split('/')[0] ?? '', String(intervalMs))
    this.#sniffers = [...Object.entries(guests), ['x', stranger] as const].map(([name, vm]) =>
      startTraffic(vm, 'sniff', JSON.stringify(sniffing(name))),
    )
    this.#pings = [ping(guests.a1, 'a2'), ping(guests.a1, 'a3'), ping(guests.b1, 'b2')]
    this.#server = startTraffic(guests.a3, 'tcp-serve', PORT)
    this.#client = startTraffic(guests.a2, 'tcp-send', GUESTS.a3.ip.split('/')[0] ?? '', PORT)
  }

  /** Resolves when all of it runs: the network has to be there. */
  static async start(guests: Guests, stranger: Vm, intervalMs: number): Promise<Traffic> {
    const traffic = new Traffic(guests, stranger, intervalMs)
    await waitFor(
      async () => (await traffic.flows()) && (await traffic.stream(now() - 0.5, now())).bytes > 0,
      {
        what: 'traffic',
        timeoutMs: 20_000,
      },
    )
    return traffic
  }

  /** Was every ping answered that was sent just before now? */
  async flows(): Promise<boolean> {
    const end = now() - ROUND_TRIP_S
    const { sent, lost } = await this.pings(end - 0.2, end)
    return sent > 0 && lost === 0
  }

  /** Of all pings together, for those sent in a stretch of time. */
  async pings(begin: number, end: number): Promise<PingWindow> {
    const each = (await Promise.all(this.#pings.map((ping) => ping.ask([begin, end])))) as PingWindow[]
    return sumPings(each)
  }

  async stream(begin: number, end: number): Promise<StreamWindow> {
    return (await this.#server.ask([begin, end])) as StreamWindow
  }

  /** Ends all; gives what the sniffers saw. */
  async finish(): Promise<Sniffed> {
    const sniffed = await finishSniffers(this.#sniffers)
    await Promise.all([...this.#pings, this.#server, this.#client].map((helper) => helper.end()))
    return sniffed
  }
}

/** Starts traffic.py in a guest. */
export function startTraffic(vm: Vm, ...args: readonly string[]): Helper {
  return new Helper(startInside(vm.netns, 'python3', ['-B', script('traffic.py'), ...args]))
}

/** Ends those that listen; gives what all of them saw. */
export async function finishSniffers(sniffers: readonly Helper[]): Promise<Sniffed> {
  return sumSniffed((await Promise.all(sniffers.map((sniffer) => sniffer.finish()))) as Sniffed[])
}

/** Every guest sends to everybody and to each other guest by its MAC address, and knows from whom it may hear. */
function sniffing(name: string) {
  const all = Object.values(GUESTS)
  const self = all.find((guest) => guest.name === name) ?? { ...STRANGER, network: '' }
  const neighbours = all.filter(({ network }) => network === self.network)
  const leg = LEGS[self.network]
  const targets = ['ff:ff:ff:ff:ff:ff', ...all.map(({ mac }) => mac), STRANGER.mac].filter(
    (mac) => mac !== self.mac,
  )
  return {
    sources: [...neighbours.map(({ mac }) => mac), ...(leg === undefined ? [] : [leg])],
    noise: targets.map((mac) => noiseFrame(self.mac, mac, name)),
  }
}

/** EtherType 0x88b5 is free for experiments (IEEE 802). */
export function noiseFrame(source: string, target: string, text: string): string {
  const payload = Buffer.alloc(46)
  payload.write(`noise of ${text}`)
  return `${target}${source}88b5`.replaceAll(':', '') + payload.toString('hex')
}
