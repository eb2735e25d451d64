// Where a server listens: the text of `--ovsdb` or `--openflow` in, a place to connect to out.
import { ReconcileError } from '../errors/error.js'

export type Endpoint =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }

const TCP = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+)):([0-9]+)$/i

/**
 * `unix:PATH` or `tcp:HOST:PORT` (an IPv6 address in brackets), as Open vSwitch's own tools write them.
 * @throws ReconcileError USAGE for anything else
 */
export function parseEndpoint(text: string): Endpoint {
  const colon = text.indexOf(':')
  const scheme = text.slice(0, colon)
  const rest = text.slice(colon + 1)
  if (scheme === 'ssl') throw sslUnsupported(text)
  const endpoint = scheme === 'unix' ? unixEndpoint(rest) : scheme === 'tcp' ? tcpEndpoint(rest) : undefined
  if (!endpoint) throw invalidEndpoint(text)
  return endpoint
}

export function renderEndpoint(endpoint: Endpoint): string {
  if (endpoint.kind === 'unix') return `unix:${endpoint.path}`
  const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host
  return `tcp:${host}:${endpoint.port}`
}

function unixEndpoint(path: string): Endpoint | undefined {
  return path === '' ? undefined : { kind: 'unix', path }
}

function tcpEndpoint(text: string): Endpoint | undefined {
  const [, ipv6, name, portText] = TCP.exec(text) ?? []
  const host = ipv6 ?? name
  const port = Number(portText)
  return host === undefined || port < 1 || port > 0xffff ? undefined : { kind: 'tcp', host, port }
}

function sslUnsupported(text: string): ReconcileError {
  return new ReconcileError('USAGE', `"${text}": TLS is not supported yet.`, {
    remedy: 'Use unix:PATH on the host of the switch, or tcp:HOST:PORT.',
  })
}

function invalidEndpoint(text: string): ReconcileError {
  return new ReconcileError('USAGE', `"${text}" does not name a socket.`, {
    remedy:
      'Use unix:PATH or tcp:HOST:PORT, for instance unix:/var/run/openvswitch/db.sock or tcp:[::1]:6640.',
  })
}
