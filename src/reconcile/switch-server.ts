// Listens for switches, as an OpenFlow controller does: a place in, connections that have agreed on a version and said who
// they are out. Whoever speaks something else is sent away, and nobody else notices.
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import type { Logger } from 'pino'
import { ReconcileError } from '../errors/error.js'
import { systemReason } from '../errors/system-reason.js'
import { renderError } from '../errors/render.js'
import { greetOpenFlow, type OpenFlowConnection } from '../openflow/connection.js'
import { TCP_OPTIONS } from '../openflow/dial.js'
import { type Endpoint, renderEndpoint } from '../values/endpoint.js'
import type { Hex } from '../values/hex.js'
import { listenOnUnix } from './unix-socket.js'

export interface SwitchServerOptions {
  readonly endpoint: Endpoint
  readonly log: Logger
  /** A switch is there, by its datapath id (16 digits). One that comes again ends its connection of before. */
  readonly onSwitch: (connection: OpenFlowConnection, datapathId: Hex) => void
}

/** Who has not said who it is by then is sent away. Milliseconds. */
const GREETING_MS = 10_000
/** With those that are being greeted. */
const MAX_CONNECTIONS = 4_096

export class SwitchServer {
  readonly #options: SwitchServerOptions
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #switches = new Map<Hex, OpenFlowConnection>()
  #refusalSaid = ''

  constructor(options: SwitchServerOptions) {
    this.#options = options
    this.#server = createServer(TCP_OPTIONS, (socket) => void this.#accept(socket))
    this.#server.maxConnections = MAX_CONNECTIONS
  }

  /** @throws ReconcileError LISTEN_FAILED */
  async open(): Promise<void> {
    const { endpoint, log } = this.#options
    try {
      if (!(await listenAt(this.#server, endpoint))) throw new Error('another program listens there')
    } catch (error) {
      throw listenFailed(endpoint, error)
    }
    this.#server.on('error', (error) => log.warn({ err: error }, 'a switch could not be accepted'))
    log.info(`listening for switches on ${renderEndpoint(endpoint)}`)
  }

  /** Node removes the file of a unix socket. */
  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  async #accept(socket: Socket): Promise<void> {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    const from = renderPeer(socket)
    try {
      const connection = await greetOpenFlow(socket, { timeoutMs: GREETING_MS })
      const datapathId = await datapathIdOf(connection)
      this.#replace(datapathId, connection)
      this.#options.onSwitch(connection, datapathId)
    } catch (error) {
      socket.destroy()
      this.#refused(from, error)
    }
  }

  #replace(datapathId: Hex, connection: OpenFlowConnection): void {
    this.#switches.get(datapathId)?.close()
    this.#switches.set(datapathId, connection)
    void connection.closed.then(() => {
      if (this.#switches.get(datapathId) === connection) this.#switches.delete(datapathId)
    })
  }

  /** Who comes again and again is said once. */
  #refused(from: string, error: unknown): void {
    if (!(error instanceof ReconcileError)) throw error
    const text =
      error.code === 'CONNECTION_LOST' ? 'it said nothing in OpenFlow and went' : renderError(error)
    this.#options.log[text === this.#refusalSaid ? 'debug' : 'warn'](
      { from },
      `refused a connection: ${text}`,
    )
    this.#refusalSaid = text
  }
}

async function listenAt(server: Server, endpoint: Endpoint): Promise<boolean> {
  if (endpoint.kind === 'unix') return listenOnUnix(server, endpoint.path)
  server.listen({ host: endpoint.host, port: endpoint.port })
  await once(server, 'listening')
  return true
}

/** @throws ReconcileError OPENFLOW_MALFORMED for an auxiliary connection, of which there is no use (OpenFlow 1.5.1, section 6.3.8) */
async function datapathIdOf(connection: OpenFlowConnection): Promise<Hex> {
  const { datapathId, auxiliaryId } = await connection.request({ type: 'features_request' })
  if (auxiliaryId === 0) return datapathId
  throw new ReconcileError(
    'OPENFLOW_MALFORMED',
    `The switch ${datapathId} has made an auxiliary connection, number ${auxiliaryId}.`,
    { remedy: 'Use its main connection alone.' },
  )
}

function renderPeer({ remoteAddress, remotePort }: Socket): string {
  return remoteAddress === undefined ? 'a local program' : `${remoteAddress}:${remotePort ?? 0}`
}

function listenFailed(endpoint: Endpoint, cause: unknown): ReconcileError {
  const reason = systemReason(cause)
  return new ReconcileError('LISTEN_FAILED', `Cannot listen on ${renderEndpoint(endpoint)}: ${reason}.`, {
    remedy: 'Use --listen with an address of this machine on which no other program listens.',
    cause,
  })
}
