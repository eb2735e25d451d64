// An OpenFlow connection to a switch: hello, echo, replies matched to requests by xid, everything else to a listener.
import type { Socket } from 'node:net'
import type { Endpoint } from '../values/endpoint.js'
import { decode, encode, encodeAll, type Envelope } from './codec.js'
import {
  connectionLost,
  OpenFlowError,
  replyTooLong,
  toReconcileError,
  versionMismatch,
} from './connection-errors.js'
import { dial } from './dial.js'
import { MessageFramer } from './framing.js'
import { answers, isLast, type MultipartRequest, type ReplyTo } from './messages/reply.js'
import type { KnownMessage, Message, MessageOf } from './messages/messages.js'
import { PartQueue } from './part-queue.js'
import { OPENFLOW_15, VERSIONS, type Version } from './version.js'
import { malformed } from './wire/reader.js'
import { withTimeout } from './with-timeout.js'

export interface ConnectionOptions {
  /**
   * Time for the connection and for each part of a reply, in milliseconds. A switch whose ovsdb-server is away is silent for up to 8 s.
   */
  readonly timeoutMs?: number
  /** Greatest sum of the parts of one reply that is collected, in bytes; a longer one fails its request. */
  readonly maxMultipartBytes?: number
  /** Versions to offer, best first. Default: all that the codec speaks. */
  readonly versions?: readonly Version[]
}

/** Greatest sum of the parts of a reply, in bytes, and the time for each part, in milliseconds. */
interface ReplyLimits {
  readonly maxBytes: number
  readonly timeoutMs: number
}

/** Takes a message and the bytes it had. */
type ReplyHandler = (reply: Message, bytes: number) => void

interface Pending {
  readonly onReply: ReplyHandler
  readonly onEnd: (error: Error) => void
}

/** Who wants to hear of errors of `count` messages from the xid `first` on. */
interface ErrorWatch {
  readonly first: number
  readonly count: number
  readonly onError: (error: OpenFlowError, xid: number) => void
}

const DEFAULT_TIMEOUT_MS = 15_000

const NO_DATA = Buffer.alloc(0)

/** Flows of about two million entries. */
const DEFAULT_MAX_MULTIPART_BYTES = 512 * 1024 * 1024

/**
 * Connects and agrees on the highest common version.
 * @throws ReconcileError SWITCH_UNREACHABLE, VERSION_MISMATCH or OPENFLOW_TIMEOUT
 */
export async function connectOpenFlow(
  endpoint: Endpoint,
  options: ConnectionOptions = {},
): Promise<OpenFlowConnection> {
  return greetOpenFlow(dial(endpoint), options)
}

/**
 * Agrees on a version with whoever is at the other end of a socket: either side says hello first.
 * @throws as `connectOpenFlow`; the socket is closed then
 */
export async function greetOpenFlow(
  socket: Socket,
  options: ConnectionOptions = {},
): Promise<OpenFlowConnection> {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS
  const connection = new OpenFlowConnection(socket, timeoutMs, options.maxMultipartBytes)
  try {
    await withTimeout(connection.greet(options.versions ?? VERSIONS), timeoutMs)
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

/**
 * Keeps no queue. Messages go to their request or to the listener as they are read, one chunk of the socket at a time, and the
 * next chunk waits in the kernel until they have been taken: a listener that wants to keep what it cannot take at once bounds
 * that itself. What is sent waits in the socket's buffer, and `send` says when that is full.
 */
export class OpenFlowConnection {
  readonly #socket: Socket
  readonly #timeoutMs: number
  readonly #maxMultipartBytes: number
  readonly #framer = new MessageFramer()
  readonly #pending = new Map<number, Pending>()
  /** Few at a time, each of many messages. */
  readonly #watches = new Set<ErrorWatch>()
  readonly #hello: Promise<Envelope>
  #versions: readonly Version[] = VERSIONS
  #version: Version = OPENFLOW_15
  #lastXid = 0
  #listener: (message: Message) => void = () => undefined
  #endError: Error | undefined
  #onHello: (hello: Envelope) => void = () => undefined
  /** Settles when the connection has ended, for whatever reason. */
  readonly closed: Promise<void>

  constructor(socket: Socket, timeoutMs: number, maxMultipartBytes = DEFAULT_MAX_MULTIPART_BYTES) {
    this.#socket = socket
    this.#timeoutMs = timeoutMs
    this.#maxMultipartBytes = maxMultipartBytes
    this.#hello = new Promise((resolve, reject) => {
      this.#pending.set(HELLO, { onReply: () => undefined, onEnd: reject })
      this.#onHello = resolve
    })
    this.#hello.catch(() => undefined)
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    socket.on('error', (error) => this.#end(error))
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()))
    socket.once('close', () => this.#end(connectionLost()))
  }

  get version(): Version {
    return this.#version
  }

  /**
   * Who gets what the switch says on its own, and errors that nobody watches for: packet-in, flow-removed, port status, monitor
   * updates. Called at once; one listener at a time. A reply to no request of ours is ignored.
   */
  listen(listener: (message: Message) => void): void {
    this.#listener = listener
  }

  /** Says which versions we speak, best first, and takes the first that the switch speaks too. */
  async greet(versions: readonly Version[]): Promise<void> {
    this.#versions = versions
    this.#socket.write(encode(Math.max(...versions), this.nextXid(), { type: 'hello', versions }))
    const { version, message } = await this.#hello
    this.#pending.delete(HELLO)
    const offered = message.type === 'hello' ? message.versions : []
    const common = versions.find((ours) => (offered.length > 0 ? offered.includes(ours) : ours <= version))
    if (common === undefined) {
      this.#refuseHello(Math.min(version, Math.max(...versions)))
      throw versionMismatch(offered.length > 0 ? offered : [version], versions)
    }
    this.#version = common
  }

  /** OpenFlow 1.5.1, section 6.3.1: OFPET_HELLO_FAILED with OFPHFC_INCOMPATIBLE, in a version that the other end may know. */
  #refuseHello(version: number): void {
    const error = { type: 'error', errorType: 0, errorCode: 0, data: NO_DATA } as const
    this.#socket.write(encode(version, this.nextXid(), error))
  }

  /** Why the connection has ended; undefined while it has not. */
  get endError(): Error | undefined {
    return this.#endError
  }

  nextXid(): number {
    return this.nextXids(1)
  }

  /** The first of `count` xids that follow one another. */
  nextXids(count: number): number {
    const first = this.#lastXid + count > 0x7fffffff ? 1 : this.#lastXid + 1
    this.#lastXid = first + count - 1
    return first
  }

  /** Sends without waiting. False: the socket's buffer is full, wait for `drained` before sending more. */
  send(message: KnownMessage, xid = this.nextXid()): boolean {
    return this.sendEncoded(encode(this.#version, xid, message))
  }

  /** Sends messages that belong together, as `send` does: one piece for the socket costs less than many. */
  sendAll(messages: readonly KnownMessage[]): boolean {
    return this.sendEncoded(encodeAll(this.#version, this.nextXids(messages.length), messages))
  }

  /** Sends whole messages of this connection's version, as `send` does. The bytes must not change any more. */
  sendEncoded(messages: Uint8Array): boolean {
    if (this.#endError) throw this.#endError
    this.#gather()
    return this.#socket.write(messages)
  }

  /** What is said in one turn of the event loop goes out in one write: a call of the system costs more than to encode a message. */
  #gather(): void {
    if (this.#socket.writableCorked > 0) return
    this.#socket.cork()
    process.nextTick(() => this.#socket.uncork())
  }

  /** Bytes that wait in the socket's buffer. */
  get unsentBytes(): number {
    return this.#socket.writableLength
  }

  async drained(): Promise<void> {
    if (!this.#socket.writableNeedDrain) return
    await Promise.race([
      new Promise<void>((resolve) => this.#socket.once('drain', () => resolve())),
      this.closed,
    ])
  }

  /**
   * Calls back when an error with this xid arrives, or with one of the `count` from it on.
   * @returns ends it
   */
  watchErrors(first: number, onError: ErrorWatch['onError'], count = 1): () => void {
    const watch = { first, count, onError }
    this.#watches.add(watch)
    return () => this.#watches.delete(watch)
  }

  /**
   * Sends a request and waits for its one reply, the message of the same name.
   * @throws OpenFlowError when the switch refuses; ReconcileError CONNECTION_LOST, OPENFLOW_TIMEOUT or OPENFLOW_MALFORMED
   */
  request<M extends KnownMessage>(message: M): Promise<ReplyTo<M['type']>> {
    return this.#collect(message).then((replies) => replies[0] ?? neverEmpty())
  }

  /**
   * Sends a multipart request and gives back all parts of the reply.
   * @throws as `request`, and ReconcileError REPLY_TOO_LONG when the parts exceed `maxMultipartBytes`
   */
  multipart<M extends MultipartRequest>(message: M): Promise<readonly ReplyTo<M['type']>[]> {
    return this.#collect(message)
  }

  /**
   * Sends a multipart request and gives each part of the reply as it comes. While a part is with the caller nothing is read from
   * the switch, so a reply of any length takes little room; nothing else should be asked until the end.
   * @throws as `request`
   */
  parts<M extends MultipartRequest>(
    message: M,
    xid = this.nextXid(),
  ): AsyncGenerator<ReplyTo<M['type']>, void, undefined> {
    return this.#receiveParts(message, xid, { maxBytes: Infinity, timeoutMs: this.#timeoutMs })
  }

  /** Waits until the switch has done all that was sent before. */
  async barrier(): Promise<void> {
    await this.request({ type: 'barrier_request' })
  }

  /**
   * Waits until the switch answers, however long that takes: while ovsdb-server is away it is silent, and that is not its
   * end. One probe is all that it finds when it comes back.
   * @throws ReconcileError CONNECTION_LOST
   */
  async answering(): Promise<void> {
    await this.#collect({ type: 'echo_request', data: NO_DATA }, Infinity)
  }

  close(): void {
    this.#socket.uncork()
    this.#socket.destroy()
  }

  async #collect<M extends KnownMessage>(
    message: M,
    timeoutMs = this.#timeoutMs,
  ): Promise<readonly ReplyTo<M['type']>[]> {
    const parts: ReplyTo<M['type']>[] = []
    const limits = { maxBytes: this.#maxMultipartBytes, timeoutMs }
    for await (const part of this.#receiveParts(message, this.nextXid(), limits)) parts.push(part)
    return parts
  }

  /** The socket rests from the first part that came to where the caller has taken all that did: one chunk of the socket. */
  async *#receiveParts<M extends KnownMessage>(
    message: M,
    xid: number,
    { maxBytes, timeoutMs }: ReplyLimits,
  ): AsyncGenerator<ReplyTo<M['type']>, void, undefined> {
    const parts = new PartQueue<ReplyTo<M['type']>>()
    let total = 0
    const onReply: ReplyHandler = (reply, bytes) => {
      total += bytes
      if (reply.type === 'error') parts.fail(new OpenFlowError(reply))
      else if (!answers(reply, message)) throw malformed(`a ${reply.type} in answer to a ${message.type}`)
      else if (total > maxBytes) parts.fail(replyTooLong(message, maxBytes))
      else parts.push(reply as ReplyTo<M['type']>)
      this.#socket.pause()
    }
    this.#pending.set(xid, { onReply, onEnd: (error) => parts.fail(error) })
    try {
      this.send(message, xid)
      for (;;) {
        const part = parts.take() ?? (await this.#nextPart(parts, timeoutMs))
        yield part
        if (isLast(part)) return
      }
    } finally {
      this.#pending.delete(xid)
      this.#socket.resume()
    }
  }

  #nextPart<R>(parts: PartQueue<R>, timeoutMs: number): Promise<R> {
    this.#socket.resume()
    return withTimeout(parts.next(), timeoutMs)
  }

  #receive(chunk: Buffer): void {
    try {
      for (const bytes of this.#framer.push(chunk)) this.#dispatch(decode(bytes), bytes.length)
    } catch (error) {
      this.#end(error as Error)
    }
  }

  #dispatch(envelope: Envelope, bytes: number): void {
    const { version, message, xid } = envelope
    if (message.type === 'hello') {
      this.#onHello(envelope)
      return
    }
    const pending = this.#pending.get(xid)
    if (message.type === 'echo_request') this.#answerEcho(message, xid)
    else if (pending && !ASYNC.has(message.type)) pending.onReply(message, bytes)
    else if (message.type === 'error' && this.#wasWatched(message, xid)) return
    else if (message.type === 'error' && this.#pending.has(HELLO))
      this.#end(versionMismatch([version], this.#versions))
    else if (ASYNC.has(message.type) || UNASKED.has(message.type)) this.#listener(message)
  }

  #wasWatched(error: MessageOf<'error'>, xid: number): boolean {
    const watches = [...this.#watches].filter(({ first, count }) => xid >= first && xid < first + count)
    for (const { onError } of watches) onError(new OpenFlowError(error), xid)
    return watches.length > 0
  }

  /** Not while the buffer is full: what waits in it proves that we live, and echoes must not make it grow. */
  #answerEcho({ data }: MessageOf<'echo_request'>, xid: number): void {
    if (!this.#socket.writableNeedDrain) this.send({ type: 'echo_reply', data }, xid)
  }

  #end(error: Error): void {
    if (this.#endError) return
    this.#endError = toReconcileError(error)
    for (const { onEnd } of this.#pending.values()) onEnd(this.#endError)
    this.#pending.clear()
    this.#socket.destroy()
  }
}

/** No request has this xid: it stands for the hello that is awaited. */
const HELLO = -1

/** Sent by the switch on its own; their xid is 0 and answers nothing. */
const ASYNC: ReadonlySet<Message['type']> = new Set([
  'packet_in',
  'nxt_packet_in',
  'nxt_packet_in2',
  'flow_removed',
  'port_status',
  'role_status',
  'flow_monitor_paused',
  'flow_monitor_resumed',
])

/** May answer a request, and may come with no request waiting: monitor updates, and errors of what was only sent. */
const UNASKED: ReadonlySet<Message['type']> = new Set(['flow_monitor_reply', 'error'])

function neverEmpty(): never {
  throw new Error('a request ended with neither reply nor error')
}
