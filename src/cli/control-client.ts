// Questions to a running daemon: a request in, what it answers out.
import { request } from 'node:http'
import { ERROR_KINDS, type ErrorCode } from '../errors/codes.js'
import { ReconcileError } from '../errors/error.js'
import { systemReason } from '../errors/system-reason.js'

export interface ControlRequest {
  readonly method: 'GET' | 'POST'
  /** With its query. */
  readonly url: string
  readonly body?: Readonly<Record<string, unknown>>
}

/** More than the daemon takes for any answer. Milliseconds. */
const ANSWER_MS = 25_000

/**
 * Asks the first daemon that answers.
 * @param paths of its socket, best first
 * @returns the parsed body
 * @throws ReconcileError NO_DAEMON, and what the daemon says it cannot do
 */
export async function askDaemon(paths: readonly string[], asked: ControlRequest): Promise<unknown> {
  const failures: string[] = []
  for (const path of paths) {
    const reply = await send(path, asked).catch((error: unknown) => void failures.push(why(path, error)))
    if (reply) return readReply(path, reply)
  }
  const reasons = failures.join('; ') || 'with OVSDB over TCP the path of its socket is not known'
  throw new ReconcileError('NO_DAEMON', `No daemon answers: ${reasons}.`, {
    remedy:
      'Is reconcile --watch running on this host? Use --bridge, --socket or OVS_RUNDIR as it does, and a user who may write to its socket.',
  })
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no socket',
  ECONNREFUSED: 'nobody listens there any more',
  EACCES: 'permission denied',
}

function why(path: string, error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  return `${path}: ${REASONS[code ?? ''] ?? systemReason(error)}`
}

interface Reply {
  readonly status: number
  readonly text: string
}

function send(socketPath: string, { method, url, body }: ControlRequest): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = { Connection: 'close', 'Content-Type': 'application/json' }
    const sent = request({ socketPath, method, path: url, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
      )
    })
    sent.setTimeout(ANSWER_MS, () => sent.destroy(new Error(`no answer within ${ANSWER_MS / 1000} s`)))
    sent.on('error', reject)
    sent.end(body && JSON.stringify(body))
  })
}

function readReply(path: string, { status, text }: Reply): unknown {
  const value = parse(path, text)
  if (status === 200) return value
  const { code, message, remedy } = (value as { error?: Record<string, unknown> }).error ?? {}
  const said = typeof message === 'string' ? message : `The daemon answers with HTTP status ${status}.`
  throw new ReconcileError(isErrorCode(code) ? code : 'NO_DAEMON', said, {
    ...(typeof remedy === 'string' && { remedy }),
  })
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new ReconcileError('NO_DAEMON', `What listens at ${path} is no daemon of this version.`, {
      remedy: 'Use --socket with the path that the daemon logs with -v.',
      cause,
    })
  }
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERROR_KINDS, code)
}
