// An OpenFlow connection to a switch: hello, echo, replies matched to requests by xid, everything else to a listener.
import { connect, type Socket } from 'node:net'
import { ReconcileError } from '../errors/error.js'
import type { Endpoint } from '../values/endpoint.js'
import { decode, encode, type Envelope } from './codec.js'
import { MessageFramer } from './framing.js'
import { renderErrorName } from './messages/error-names.js'
import { answers, isLast, type MultipartRequest, type ReplyTo } from './messages/reply.js'
import type { KnownMessage, Message, MessageOf } from './messages/messages.js'
import { OPENFLOW_15, renderVersion, VERSIONS, type Version } from './version.js'
import { malformed } from './wire/reader.js'

/** What the switch answered instead of doing what was asked. */
export class OpenFlowError extends ReconcileError {
  readonly errorName: string

  constructor(error: MessageOf<'error'>) {
    const errorName = renderErrorName(error)
    super('OPENFLOW_REFUSED', `The switch refused a request with ${errorName}.`, {
      remedy: 'Check the log of ovs-vswitchd.',
    })
    this.errorName = errorName
  }
}

export interface ConnectionOptions {
  /** Time for the connection and for each reply, in milliseconds. A switch whose ovsdb-server is away is silent for up to 8 s. */
  readonly timeoutMs?: number
  /** Greatest sum of the parts of one reply, in bytes; a longer one fails its request. */
  readonly maxMultipartBytes?: number
}

/** Takes a message and the bytes it had. */
type ReplyHandler = (reply: Message, bytes: number) => void

interface Pending {
  readonly onReply: ReplyHandler
  readonly onEnd: (error: Error) => void
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
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS
  const socket = dial(endpoint)
  const connection = new OpenFlowConnection(socket, timeoutMs, options.maxMultipartBytes)
  try {
    await withTimeout(connection.greet(), timeoutMs)
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

/** Idle time before the kernel probes a TCP peer (ms): with Node's ten probes a second apart a dead host shows in 15 s. */
const KEEP_ALIVE_MS = 5_000

function dial(endpoint: Endpoint): Socket {
  if (endpoint.kind === 'unix') return connect(endpoint.path)
  const { host, port } = endpoint
  return connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS })
}

/** @param timeoutMs Infinity: as long as it takes */
async function withTimeout<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  if (timeoutMs === Infinity) return promise
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(timedOut(timeoutMs)), timeoutMs)
  })
  return Promise.race([promise, timeout]).finally(() => clearTimeout(timer))
}

function timedOut(timeoutMs: number): ReconcileError {
  return new ReconcileError('OPENFLOW_TIMEOUT', `The switch did not answer within ${timeoutMs / 1000} s.`, {
    remedy:
      'Check that ovs-vswitchd and ovsdb-server are running; without ovsdb-server the switch answers nothing.',
  })
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
  readonly #hello: Promise<Envelope>
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

  /** Says which versions we speak and takes the highest that the switch speaks too. */
  async greet(): Promise<void> {
    this.#socket.write(encode(OPENFLOW_15, 0, { type: 'hello', versions: VERSIONS }))
    const { version, message } = await this.#hello
    this.#pending.delete(HELLO)
    const offered = message.type === 'hello' ? message.versions : []
    const common = VERSIONS.find((ours) => (offered.length > 0 ? offered.includes(ours) : ours <= version))
    if (common === undefined) throw versionMismatch(offered.length > 0 ? offered : [version])
    this.#version = common
  }

  nextXid(): number {
    this.#lastXid = (this.#lastXid % 0x7fffffff) + 1
    return this.#lastXid
  }

  /** Sends without waiting. False: the socket's buffer is full, wait for `drained` before sending more. */
  send(message: KnownMessage, xid = this.nextXid()): boolean {
    if (this.#endError) throw this.#endError
    return this.#socket.write(encode(this.#version, xid, message))
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

  /** Calls back when an error with this xid arrives, until `forget`. */
  watchErrors(xid: number, onError: (error: OpenFlowError) => void): void {
    const onReply: ReplyHandler = (reply) => {
      if (reply.type === 'error') onError(new OpenFlowError(reply))
    }
    this.#pending.set(xid, { onReply, onEnd: () => undefined })
  }

  forget(xid: number): void {
    this.#pending.delete(xid)
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
    this.#socket.destroy()
  }

  #collect<M extends KnownMessage>(
    message: M,
    timeoutMs = this.#timeoutMs,
  ): Promise<readonly ReplyTo<M['type']>[]> {
    const xid = this.nextXid()
    const parts: ReplyTo<M['type']>[] = []
    let total = 0
    const collected = new Promise<readonly ReplyTo<M['type']>[]>((resolve, reject) => {
      const onReply: ReplyHandler = (reply, bytes) => {
        total += bytes
        if (reply.type === 'error') reject(new OpenFlowError(reply))
        else if (!answers(reply, message)) throw malformed(`a ${reply.type} in answer to a ${message.type}`)
        else if (total > this.#maxMultipartBytes) reject(replyTooLong(message, this.#maxMultipartBytes))
        else if (parts.push(reply as ReplyTo<M['type']>) > 0 && isLast(reply)) resolve(parts)
      }
      this.#pending.set(xid, { onReply, onEnd: reject })
      this.send(message, xid)
    })
    return withTimeout(collected, timeoutMs).finally(() => this.forget(xid))
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
    else if (message.type === 'error' && this.#pending.has(HELLO)) this.#end(versionMismatch([version]))
    else if (ASYNC.has(message.type) || UNASKED.has(message.type)) this.#listener(message)
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

function replyTooLong({ type }: KnownMessage, maxBytes: number): ReconcileError {
  return new ReconcileError('REPLY_TOO_LONG', `The reply to a ${type} exceeds ${maxBytes} bytes.`, {
    remedy: 'Use a narrower request, for example by table or cookie.',
  })
}

function connectionLost(cause?: Error): ReconcileError {
  return new ReconcileError('CONNECTION_LOST', 'The switch closed the OpenFlow connection.', {
    remedy: 'Check that ovs-vswitchd is running.',
    cause,
  })
}

function toReconcileError(error: Error): Error {
  if (error instanceof ReconcileError) return error
  if (!('syscall' in error)) return error
  if (error.syscall === 'read' || error.syscall === 'write') return connectionLost(error)
  return new ReconcileError('SWITCH_UNREACHABLE', `Cannot reach the switch: ${error.message}.`, {
    remedy:
      'Check that ovs-vswitchd is running, that the bridge has a datapath_type it knows, and OVS_RUNDIR or --openflow.',
    cause: error,
  })
}

function versionMismatch(offered: readonly number[]): ReconcileError {
  const list = offered.map(renderVersion).join(', ')
  return new ReconcileError(
    'VERSION_MISMATCH',
    `The bridge speaks OpenFlow ${list}, but not 1.5, 1.4 or 1.3.`,
    {
      remedy: 'Allow OpenFlow15 in the bridge: ovs-vsctl add bridge BRIDGE protocols OpenFlow15.',
    },
  )
}
