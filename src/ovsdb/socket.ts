// An endpoint in, a connected socket out.
import { connect, type Socket } from 'node:net'
import type { Endpoint } from '../values/endpoint.js'
import { cannotConnect, unanswered } from './failures.js'

/** Idle time before the kernel probes a TCP peer (ms). With Node's ten probes a second apart, a dead host shows in 15 s. */
const KEEP_ALIVE_MS = 5000

/** @throws ReconcileError OVSDB_UNREACHABLE when nobody accepts the connection in time */
export function openSocket(endpoint: Endpoint, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = dial(endpoint)
    const timer = setTimeout(() => {
      socket.destroy()
      reject(unanswered(endpoint, 'connection attempt', timeoutMs))
    }, timeoutMs)
    const refuse = (cause: Error): void => {
      clearTimeout(timer)
      reject(cannotConnect(endpoint, cause))
    }
    socket.once('error', refuse)
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.off('error', refuse)
      resolve(socket)
    })
  })
}

function dial(endpoint: Endpoint): Socket {
  if (endpoint.kind === 'unix') return connect({ path: endpoint.path })
  return connect({
    host: endpoint.host,
    port: endpoint.port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_MS,
  })
}
