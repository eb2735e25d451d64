// A switch that loads a controller: it keeps some packet-ins unanswered and notes how long each answer takes. It has no
// flow table. The answer is the packet-out with the packet: the last message of a reactive path.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Endpoint } from '../../src/values/endpoint.js'
import type { Host } from './hosts.js'
import {
  featuresReply,
  hello,
  message,
  multipartReplies,
  numberInPacketOut,
  numberPacketIn,
  TYPE,
} from './wire.js'

export interface LoadOptions {
  readonly endpoint: Endpoint
  readonly version: number
  readonly datapathId: number
  readonly hosts: readonly Host[]
  /** One a pair of hosts, without numbers; taken in turns. */
  readonly packetIns: readonly Buffer[]
  /** Packet-ins that may be without an answer. */
  readonly window: number
}

/** What happened between two looks. */
export interface LoadSample {
  /** Milliseconds of each answer. */
  readonly latencies: readonly number[]
  readonly flowMods: number
  readonly lost: number
}

/** Without an answer for so long, it will have none. Milliseconds. */
const LOST_MS = 2_000
const RING = 1 << 16
/** Begins a bundle message: its id and flags; the extension of OpenFlow 1.3 has 8 bytes before. */
const BUNDLE_HEAD = 8
const ONF = 0x4f4e4600
const ONF_BUNDLE_CONTROL = 2300
const ONF_BUNDLE_ADD = 2301

export class LoadSwitch {
  readonly #options: LoadOptions
  readonly #socket: Socket
  readonly #sentAt = new Float64Array(RING)
  #rest: Buffer = Buffer.alloc(0)
  #out: Buffer[] = []
  #isReady = false
  #isLoading = false
  #next: number
  #number = 0
  #oldest = 0
  #outstanding = 0
  #latencies: number[] = []
  #flowMods = 0
  #lost = 0

  constructor(options: LoadOptions, firstPair: number) {
    const { endpoint } = options
    this.#options = options
    this.#next = firstPair
    this.#socket = endpoint.kind === 'unix' ? connect(endpoint.path) : connect({ ...endpoint, noDelay: true })
    this.#socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    this.#socket.write(hello(options.version))
  }

  /** Resolves with the question of who the switch is. */
  async ready(): Promise<void> {
    while (!this.#isReady) await once(this.#socket, 'data')
  }

  start(): void {
    this.#isLoading = true
    this.#fill()
    this.#flush()
  }

  stop(): void {
    this.#socket.destroy()
  }

  /** What happened since the last call. */
  take(): LoadSample {
    this.#giveUp()
    const sample = { latencies: this.#latencies, flowMods: this.#flowMods, lost: this.#lost }
    this.#latencies = []
    this.#flowMods = 0
    this.#lost = 0
    return sample
  }

  #fill(): void {
    const { packetIns, window } = this.#options
    if (this.#number - this.#oldest > RING / 2) this.#giveUp()
    while (this.#isLoading && this.#outstanding < window && this.#number - this.#oldest < RING - 1) {
      const template = packetIns[this.#next++ % packetIns.length]
      if (!template) return
      const bytes = Buffer.from(template)
      numberPacketIn(bytes, this.#number)
      this.#sentAt[this.#number++ % RING] = performance.now()
      this.#outstanding++
      this.#out.push(bytes)
    }
  }

  #flush(): void {
    if (this.#out.length > 0) this.#socket.write(Buffer.concat(this.#out))
    this.#out = []
  }

  #receive(chunk: Buffer): void {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    let at = 0
    while (bytes.length - at >= 8) {
      const length = bytes.readUInt16BE(at + 2)
      if (bytes.length - at < length) break
      this.#handle(bytes, at, length)
      at += length
    }
    this.#rest = bytes.subarray(at)
    this.#fill()
    this.#flush()
  }

  #handle(bytes: Buffer, at: number, length: number): void {
    const type = bytes.readUInt8(at + 1)
    if (type === TYPE.flowMod) this.#flowMods++
    else if (type === TYPE.packetOut) this.#answered(bytes, at, length)
    else if (type === TYPE.bundleAdd) this.#handleInside(bytes, at + 8 + BUNDLE_HEAD)
    else this.#answer(bytes.subarray(at, at + length))
  }

  #handleInside(bytes: Buffer, at: number): void {
    this.#handle(bytes, at, bytes.readUInt16BE(at + 2))
  }

  #answered(bytes: Buffer, at: number, length: number): void {
    const number = numberInPacketOut(this.#options.version, bytes, at, length)
    const sentAt = number === undefined ? 0 : (this.#sentAt[number % RING] ?? 0)
    if (number === undefined || sentAt === 0) return
    this.#sentAt[number % RING] = 0
    this.#outstanding--
    this.#latencies.push(performance.now() - sentAt)
  }

  /** What a controller asks before and between. */
  #answer(request: Buffer): void {
    const { version, datapathId, hosts } = this.#options
    const xid = request.readUInt32BE(4)
    const body = request.subarray(8)
    switch (request.readUInt8(1)) {
      case TYPE.features:
        this.#isReady = true
        this.#out.push(featuresReply(version, xid, datapathId))
        break
      case TYPE.echo:
        this.#out.push(message(version, TYPE.echoReply, xid, body))
        break
      case TYPE.barrier:
        this.#out.push(message(version, TYPE.barrierReply, xid))
        break
      case TYPE.role:
        this.#out.push(message(version, TYPE.roleReply, xid, body))
        break
      case TYPE.multipart:
        this.#out.push(...multipartReplies(version, request, hosts))
        break
      case TYPE.bundleControl:
        this.#answerBundle(request, 8)
        break
      case TYPE.experimenter:
        this.#answerExtension(request)
    }
  }

  /** Bundles of OpenFlow 1.3. */
  #answerExtension(request: Buffer): void {
    if (request.readUInt32BE(8) !== ONF) return
    const kind = request.readUInt32BE(12)
    if (kind === ONF_BUNDLE_CONTROL) this.#answerBundle(request, 16)
    if (kind === ONF_BUNDLE_ADD) this.#handleInside(request, 16 + BUNDLE_HEAD)
  }

  /** The reply to a bundle control is the request with the next higher kind. */
  #answerBundle(request: Buffer, at: number): void {
    const reply = Buffer.from(request)
    reply.writeUInt16BE(request.readUInt16BE(at + 4) + 1, at + 4)
    this.#out.push(reply)
  }

  /** Looks at the oldest that have no answer yet. */
  #giveUp(): void {
    const now = performance.now()
    for (; this.#oldest < this.#number; this.#oldest++) {
      const sentAt = this.#sentAt[this.#oldest % RING] ?? 0
      if (sentAt > now - LOST_MS) return
      if (sentAt === 0) continue
      this.#sentAt[this.#oldest % RING] = 0
      this.#outstanding--
      this.#lost++
    }
  }
}
