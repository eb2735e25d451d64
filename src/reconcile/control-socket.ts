// Where a daemon can be asked: paths and a listener in, an HTTP server on a unix socket out. Who works has the first path
// that can be had; beside a daemon that lives, and for one who stands by, it is a path with the process id in it.
import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import { dirname } from 'node:path'
import { ReconcileError } from '../errors/error.js'
import { systemReason } from '../errors/system-reason.js'
import { listenOnUnix } from './unix-socket.js'

export interface ControlSocketOptions {
  /** Best first. */
  readonly paths: readonly string[]
  readonly listener: RequestListener
  /** Told once for each reason why it cannot serve. */
  readonly onError: (error: ReconcileError) => void
  /** Told of each new place. */
  readonly onListening: (path: string) => void
}

/** A client who says nothing, or not enough, is sent away. Milliseconds. */
const HTTP_LIMITS = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 8_192,
} as const
const MAX_CONNECTIONS = 64

/** Between two looks whether the socket is still there, and at the right place. Milliseconds. */
const LOOK_EVERY_MS = 1_000

interface Place {
  readonly path: string
  readonly server: Server
  /** Another file under the same name is somebody else's. */
  readonly inode: bigint
}

export class ControlSocket {
  readonly #options: ControlSocketOptions
  #place: Place | undefined
  #isWorking = true
  #settling: Promise<void> | undefined
  #again = false
  #said = ''
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: ControlSocketOptions) {
    this.#options = options
  }

  /** Serves from now on, as soon as there is a place. */
  async open(): Promise<void> {
    this.#timer = setInterval(() => void this.#settle(), LOOK_EVERY_MS)
    await this.#settle()
  }

  /** Who works has the path that everybody knows. */
  setWorking(isWorking: boolean): void {
    if (isWorking === this.#isWorking) return
    this.#isWorking = isWorking
    void this.#settle()
  }

  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#timer)
    await this.#settling
    this.#leave(this.#place)
  }

  /** One search at a time. */
  #settle(): Promise<void> {
    this.#again = this.#settling !== undefined
    this.#settling ??= this.#search().finally(() => {
      this.#settling = undefined
      if (this.#again && !this.#closed) void this.#settle()
    })
    return this.#settling
  }

  async #search(): Promise<void> {
    if (this.#closed) return
    const { paths, onError } = this.#options
    const isThere = await this.#isThere()
    if (!isThere) this.#leave(this.#place)
    const wanted = this.#isWorking ? paths : []
    if (isThere && wanted.includes(this.#place?.path ?? '')) return
    try {
      const path = await firstWritable(paths)
      if (wanted.includes(path) && (await this.#move(path))) return
      const aside = pathAside(path)
      if (!(isThere && this.#place?.path === aside)) await this.#move(aside)
    } catch (error) {
      const problem = error instanceof ReconcileError ? error : unusable(paths[0] ?? '', error)
      if (problem.message !== this.#said) onError(problem)
      this.#said = problem.message
    }
  }

  async #isThere(): Promise<boolean> {
    if (!this.#place) return false
    try {
      const { path, inode } = this.#place
      return (await stat(path, { bigint: true })).ino === inode
    } catch {
      return false
    }
  }

  /** @returns false where somebody listens there already */
  async #move(path: string): Promise<boolean> {
    const server = createServer(HTTP_LIMITS, this.#options.listener)
    server.maxConnections = MAX_CONNECTIONS
    if (!(await listen(server, path))) return false
    const { ino: inode } = await stat(path, { bigint: true })
    const before = this.#place
    this.#place = { path, server, inode }
    this.#said = ''
    this.#leave(before)
    this.#options.onListening(path)
    return true
  }

  /** Node removes the file. Who is being answered is answered to the end, but for the last time. */
  #leave(place: Place | undefined): void {
    if (this.#place === place) this.#place = undefined
    place?.server.close()
    if (this.#closed) place?.server.closeAllConnections()
  }
}

/** `reconcile-br-int.sock` → `reconcile-br-int.4711.sock` */
export function pathAside(path: string, pid = process.pid): string {
  return path.replace(/(\.sock)?$/, `.${pid}$1`)
}

async function firstWritable(paths: readonly string[]): Promise<string> {
  let cause: unknown
  for (const path of paths) {
    try {
      await access(dirname(path), constants.W_OK)
      return path
    } catch (error) {
      cause = error
    }
  }
  throw unusable(paths[0] ?? '', cause)
}

/** @throws ReconcileError SOCKET_UNUSABLE; else as `listenOnUnix` */
async function listen(server: Server, path: string): Promise<boolean> {
  try {
    return await listenOnUnix(server, path)
  } catch (error) {
    throw unusable(path, error)
  }
}

function unusable(path: string, cause: unknown): ReconcileError {
  const reason = cause === undefined ? 'no path is known' : systemReason(cause)
  return new ReconcileError('SOCKET_UNUSABLE', `The status cannot be served at "${path}": ${reason}.`, {
    remedy: 'Use --socket PATH with a folder that may be written to, and less than 108 bytes in all.',
    cause,
  })
}
