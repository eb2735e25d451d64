// The socket of a connection that we open: an endpoint in, a socket on its way out.
import { connect, type Socket } from 'node:net'
import type { Endpoint } from '../values/endpoint.js'

/** Idle time before the kernel probes a TCP peer (ms): with Node's ten probes a second apart a dead host shows in 15 s. */
const KEEP_ALIVE_MS = 5_000

/** For connections over TCP, on either side. */
export const TCP_OPTIONS = { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS } as const

export function dial(endpoint: Endpoint): Socket {
  if (endpoint.kind === 'unix') return connect(endpoint.path)
  const { host, port } = endpoint
  return connect({ host, port, ...TCP_OPTIONS })
}
