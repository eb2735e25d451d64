// A connection to ovsdb-server (RFC 7047): requests in, replies and notifications out. It answers the server's probes
// and reports its own end; whether and when to connect again is the caller's business.
import type { Socket } from 'node:net'
import { ReconcileError } from '../errors/error.js'
import type { Endpoint } from '../values/endpoint.js'
import { connectionLost, refused, unanswered } from './failures.js'
import {
  encodeReply,
  encodeRequest,
  type Message,
  type Notification,
  parseMessage,
  type Reply,
  type Request,
} from './json-rpc.js'
import { JsonStream } from './json-stream.js'
import { openSocket } from './socket.js'
import { checkResults, DATABASE, type Operation, type OperationResult } from './transaction.js'

export interface ClientOptions {
  /** For the connection itself, and for each request that names no other (ms). */
  readonly timeoutMs: number
  /** The longest message the server may send (bytes); 256 MiB unless given. */
  readonly maxMessageBytes?: number
}

/** Called with each notification. One that throws a ReconcileError ends the connection for that reason. */
export type NotificationListener = (notification: Notification) => void

interface Pending {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: ReconcileError) => void
  readonly method: string
  readonly timer: NodeJS.Timeout
}

export class OvsdbClient {
  /** Resolves, never rejects, when the connection has ended: with the reason, or undefined after a plain `close()`. */
  readonly closed: Promise<ReconcileError | undefined>
  private settleClosed: (reason: ReconcileError | undefined) => void = () => undefined
  private ended = false
  private nextId = 0
  private readonly stream: JsonStream
  private readonly pending = new Map<unknown, Pending>()
  private readonly listeners = new Set<NotificationListener>()

  private constructor(
    private readonly socket: Socket,
    private readonly endpoint: Endpoint,
    private readonly options: ClientOptions,
  ) {
    this.stream = new JsonStream(options.maxMessageBytes)
    this.closed = new Promise((resolve) => (this.settleClosed = resolve))
    socket.on('data', (chunk: Buffer) => this.read(chunk))
    socket.on('error', (cause) => this.close(connectionLost(endpoint, cause)))
    socket.on('close', () => this.close(connectionLost(endpoint)))
  }

  /** @throws ReconcileError OVSDB_UNREACHABLE with what to do about it */
  static async connect(endpoint: Endpoint, options: ClientOptions): Promise<OvsdbClient> {
    return new OvsdbClient(await openSocket(endpoint, options.timeoutMs), endpoint, options)
  }

  /**
   * One method of RFC 7047, section 4.1; resolves with the reply's `result`.
   * @throws ReconcileError OVSDB_UNREACHABLE when no reply comes in time or the connection ends, OVSDB_ERROR when the
   *   server refuses, OVSDB_MALFORMED when it answers with something else
   */
  request(method: string, params: readonly unknown[], timeoutMs = this.options.timeoutMs): Promise<unknown> {
    if (this.ended) return Promise.reject(connectionLost(this.endpoint))
    const id = this.nextId++
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.pending.delete(id)
        reject(unanswered(this.endpoint, `request "${method}"`, timeoutMs))
      }, timeoutMs)
      this.pending.set(id, { resolve, reject, method, timer })
      this.socket.write(encodeRequest(id, method, params))
    })
  }

  /**
   * One transaction on the switch's database (RFC 7047, section 4.1.3): all of it or nothing.
   * @returns one result for each operation
   * @throws ReconcileError as `request`; OVSDB_ERROR also for an operation or the commit that the server refuses
   */
  async transact(operations: readonly Operation[]): Promise<readonly OperationResult[]> {
    return checkResults(operations, await this.request('transact', [DATABASE, ...operations]))
  }

  /** @returns a function that takes the listener away again */
  onNotification(listener: NotificationListener): () => void {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  /** Ends the connection; requests in progress are rejected. The first call gives the reason, later ones do nothing. */
  close(reason?: ReconcileError): void {
    if (this.ended) return
    this.ended = true
    this.socket.destroy()
    for (const { reject, timer } of this.pending.values()) {
      clearTimeout(timer)
      reject(reason ?? connectionLost(this.endpoint))
    }
    this.pending.clear()
    this.settleClosed(reason)
  }

  private read(chunk: Buffer): void {
    try {
      for (const value of this.stream.push(chunk)) {
        if (this.ended) return
        this.receive(parseMessage(value))
      }
    } catch (error) {
      if (!(error instanceof ReconcileError)) throw error
      this.close(error)
    }
  }

  private receive(message: Message): void {
    switch (message.kind) {
      case 'reply':
        this.settle(message)
        break
      case 'request':
        this.answer(message)
        break
      case 'notification':
        for (const listener of this.listeners) listener(message)
    }
  }

  /** A reply nobody waits for is one that came after its timeout. */
  private settle({ id, result, error }: Reply): void {
    const waiting = this.pending.get(id)
    if (!waiting) return
    this.pending.delete(id)
    clearTimeout(waiting.timer)
    if (error === null) waiting.resolve(result)
    else waiting.reject(refused(`the request "${waiting.method}"`, error))
  }

  /** The server probes an idle TCP peer with `echo` and hangs up without an answer (RFC 7047, section 4.1.11). */
  private answer({ id, method, params }: Request): void {
    const reply = method === 'echo' ? encodeReply(id, params) : encodeReply(id, null, 'unknown method')
    this.socket.write(reply)
  }
}
