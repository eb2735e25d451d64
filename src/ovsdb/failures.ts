// The errors of this folder in people's words: what failed and where in, a ReconcileError with a remedy out.
import { ReconcileError } from '../errors/error.js'
import { systemReason } from '../errors/system-reason.js'
import { type Endpoint, renderEndpoint } from '../values/endpoint.js'

/** The message has the path; one of these has said it. */
const WHERE = '--ovsdb, --node NAME=unix:PATH or OVS_RUNDIR'

/** What connect(2) said, and what to do about it. */
const CONNECT_FAILURES: Readonly<Record<string, readonly [reason: string, remedy: string]>> = {
  ENOENT: ['no such socket', `Is ovsdb-server running? Say where its socket is with ${WHERE}.`],
  ECONNREFUSED: [
    'nothing listens there',
    `Is ovsdb-server running? Start it, or say where it listens with ${WHERE}.`,
  ],
  EACCES: ['permission denied', 'Run as root, or as a user who may write to the socket.'],
  EPERM: ['permission denied', 'Run as root, or as a user who may write to the socket.'],
  ENOTFOUND: ['the host name is unknown', 'Use --ovsdb with a host name that resolves, or an address.'],
}

export function cannotConnect(endpoint: Endpoint, cause: NodeJS.ErrnoException): ReconcileError {
  const [reason, remedy] = CONNECT_FAILURES[cause.code ?? ''] ?? [
    systemReason(cause),
    'Use --ovsdb to name another OVSDB server.',
  ]
  const message = `Cannot connect to ovsdb-server at ${renderEndpoint(endpoint)}: ${reason}.`
  return new ReconcileError('OVSDB_UNREACHABLE', message, { remedy, cause })
}

/** @param what was to be answered: `request "monitor"` */
export function unanswered(endpoint: Endpoint, what: string, timeoutMs: number): ReconcileError {
  const message = `ovsdb-server at ${renderEndpoint(endpoint)} did not answer the ${what} within ${timeoutMs} ms.`
  return new ReconcileError('OVSDB_UNREACHABLE', message, {
    remedy: 'Use `ovs-appctl -t ovsdb-server memory/show` to see whether the server is alive or overloaded.',
  })
}

export function connectionLost(endpoint: Endpoint, cause?: Error): ReconcileError {
  const detail = cause ? ` (${systemReason(cause)})` : ''
  return new ReconcileError(
    'OVSDB_UNREACHABLE',
    `The connection to ovsdb-server at ${renderEndpoint(endpoint)} ended${detail}.`,
    {
      remedy: 'Is ovsdb-server running? Its log tells why it stopped or closed the connection.',
      cause,
    },
  )
}

/** The server does not speak RFC 7047: after this nothing it says can be relied on. */
export function malformed(what: string, cause?: unknown): ReconcileError {
  return new ReconcileError('OVSDB_MALFORMED', `The OVSDB server sent something malformed: ${what}.`, {
    remedy: 'Use --ovsdb to name a socket of ovsdb-server, not one of ovs-vswitchd.',
    cause,
  })
}

/** @param what the thing asked for, @param error the server's `<error>` (RFC 7047, section 3.1) */
export function refused(what: string, error: unknown, remedy?: string): ReconcileError {
  return new ReconcileError('OVSDB_ERROR', `ovsdb-server refused ${what}: ${describe(error)}.`, {
    remedy: remedy ?? 'Use `ovs-vsctl show` to see what the database holds, and the log of ovsdb-server.',
  })
}

/** An `<error>` is an object with "error" and often "details"; for requests it cannot parse it is a bare string. */
function describe(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('error' in error)) return bare(error)
  const details = 'details' in error && typeof error.details === 'string' ? `: ${error.details}` : ''
  return bare(error.error) + details.replace(/\.$/, '')
}

function bare(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
