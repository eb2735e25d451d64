// The daemon's HTTP interface: requests in, JSON out. Each answer that may be long is made and sent piece by piece, as its
// reader takes it, so that packets and passes do not wait for it.
import { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { ReconcileError } from '../errors/error.js'
import {
  hasToSay,
  type ObjectStatus,
  type Others,
  type StatusTable,
  type Summary,
} from '../status/condition.js'
import { FLUSH_KINDS, type Flushed, type FlushTarget, parseFlushObject } from './flush.js'
import type { PacketCounts } from './packet-counts.js'
import type { Status } from './status-board.js'

/** What the daemon can be asked for. Each resolves when it has come into force. */
export interface ControlHandlers {
  readonly status: () => Status
  readonly suspend: (reason: string) => Promise<void>
  readonly resume: () => Promise<void>
  /** Reads all files, then looks at all flows. */
  readonly reconcile: () => Promise<void>
  readonly flush: (target: FlushTarget) => Promise<Flushed>
  readonly counters: () => Promise<PacketCounts>
}

/** A reason is a sentence. Bytes. */
const MAX_BODY = 4_096
/** A reader who takes nothing for this long has gone; more than any answer takes. Milliseconds. */
const STALLED_MS = 20_000
/** Objects of one piece. */
const PIECE = 200

class HttpError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly remedy: string,
  ) {
    super(message)
  }
}

type Route = (
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
) => void | Promise<void>

/** Never throws, and never rejects: what goes wrong is the answer. */
export function controlListener(handlers: ControlHandlers): RequestListener {
  const routes = routesOf(handlers)
  return (request, response) => {
    response.setTimeout(STALLED_MS) // the connection is destroyed then
    answer(routes, request, response).catch((error: unknown) => sendError(response, error))
  }
}

async function answer(routes: Routes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = urlOf(request)
  const methods = routes.get(pathname)
  if (!methods) {
    const known = [...routes.keys()].join(', ')
    throw new HttpError(404, `There is nothing at ${pathname}.`, `Use one of: ${known}.`)
  }
  const route = methods[request.method ?? '']
  if (!route) {
    const allowed = Object.keys(methods).join(', ')
    response.setHeader('Allow', allowed)
    throw new HttpError(405, `${pathname} has no ${request.method ?? ''}.`, `Use ${allowed}.`)
  }
  await route(request, response, searchParams)
}

function urlOf({ url = '/' }: IncomingMessage): URL {
  if (URL.canParse(url, 'http://daemon')) return new URL(url, 'http://daemon')
  throw new HttpError(400, 'The address cannot be read.', 'Use /v1/status.')
}

type Routes = ReadonlyMap<string, Readonly<Record<string, Route>>>

function routesOf({ status, suspend, resume, reconcile, flush, counters }: ControlHandlers): Routes {
  const act =
    (work: (body: Readonly<Record<string, unknown>>) => Promise<void>): Route =>
    async (request, response) => {
      await work(await readBody(request))
      sendJson(response, 200, status().summary)
    }
  const health: Route = (_, response) => {
    sendText(response, 200, 'ok')
  }
  const ready: Route = (_, response) => {
    const { phase, revision } = status().summary
    const isReady = phase !== 'Disconnected' && revision.applied !== null
    sendText(response, isReady ? 200 : 503, phase)
  }
  return new Map<string, Readonly<Record<string, Route>>>([
    ['/v1/status', { GET: (_, response, query) => sendStatus(response, status(), chosen(query)) }],
    ['/v1/suspend', { POST: act((body) => suspend(reasonIn(body))) }],
    ['/v1/resume', { POST: act(resume) }],
    ['/v1/reconcile', { POST: act(reconcile) }],
    ['/v1/flush', { POST: answerWith(async (request) => flush(targetIn(await readBody(request)))) }],
    ['/v1/counters', { GET: answerWith(counters) }],
    ['/healthz', { GET: health }],
    ['/readyz', { GET: ready }],
  ])
}

function answerWith(work: (request: IncomingMessage) => Promise<object>): Route {
  return async (request, response) => sendJson(response, 200, await work(request))
}

function targetIn({ object, all }: Readonly<Record<string, unknown>>): FlushTarget {
  if (all === true && object === undefined) return 'all'
  const target = typeof object === 'string' && all === undefined ? parseFlushObject(object) : undefined
  if (target) return target
  const message = 'What is to be flushed is no object that packets pass.'
  throw new HttpError(
    400,
    message,
    `Send {"object": "KIND/NAME"} with one of ${FLUSH_KINDS.join(', ')}, or {"all": true}.`,
  )
}

function reasonIn({ reason = '' }: Readonly<Record<string, unknown>>): string {
  if (typeof reason === 'string') return reason
  throw new HttpError(400, 'The reason is no text.', 'Send {"reason": "TEXT"}, or nothing.')
}

/** A body is an object of JSON, or nothing. */
async function readBody(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > MAX_BODY)
      throw new HttpError(413, `The body has more than ${MAX_BODY} bytes.`, 'Send a shorter reason.')
    chunks.push(chunk)
  }
  if (length === 0) return {}
  const value = parseJson(Buffer.concat(chunks).toString())
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new HttpError(
    400,
    'The body is no object of JSON.',
    'Send an object such as {"reason": "TEXT"}, or nothing.',
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

interface Choice {
  readonly isMeant: (object: ObjectStatus) => boolean
  /** May any of those be meant of which nothing is kept? */
  readonly hasOthers: (others: Others) => boolean
}

const CHOICES: Readonly<Record<string, Choice>> = {
  all: { isMeant: () => true, hasOthers: () => true },
  unwell: { isMeant: ({ conditions }) => conditions.some(hasToSay), hasOthers: ({ isQuiet }) => !isQuiet },
  none: { isMeant: () => false, hasOthers: () => false },
}

function chosen(query: URLSearchParams): Choice {
  const choice = query.get('objects') ?? 'all'
  const known = Object.hasOwn(CHOICES, choice) ? CHOICES[choice] : undefined
  if (known) return known
  const message = `There is no choice of objects called "${choice}".`
  throw new HttpError(400, message, 'Use objects=all, objects=unwell or objects=none.')
}

/** The summary with its objects behind it. The table is a record of one moment, however long the sending takes. */
async function sendStatus(
  response: ServerResponse,
  { summary, table }: Status,
  choice: Choice,
): Promise<void> {
  response.writeHead(200, JSON_TYPE)
  try {
    await pipeline(Readable.from(statusText(summary, rowsOf(table, choice))), response)
  } catch {
    response.destroy() // the reader has gone
  }
}

/** Undefined stands for one that is not meant: looking at it took its time. */
function* rowsOf(
  { rows, others }: StatusTable,
  { isMeant, hasOthers }: Choice,
): Generator<ObjectStatus | undefined> {
  for (const row of rows.values()) yield isMeant(row) ? row : undefined
  if (!hasOthers(others)) return
  for (const row of others.rows()) yield isMeant(row) ? row : undefined
}

async function* statusText(
  summary: Summary,
  rows: Iterable<ObjectStatus | undefined>,
): AsyncGenerator<string> {
  yield `${JSON.stringify(summary).slice(0, -1)},"objects":[`
  let piece = ''
  let between = ''
  let looked = 0
  for (const row of rows) {
    if (row) {
      piece += between + JSON.stringify(row)
      between = ','
    }
    if (++looked % PIECE !== 0) continue
    yield piece
    piece = ''
    await nextTurn()
  }
  yield `${piece}]}\n`
}

const JSON_TYPE = { 'Content-Type': 'application/json' }

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, JSON_TYPE).end(`${JSON.stringify(value)}\n`)
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain' }).end(`${text}\n`)
}

/** A body that was not read to its end would be taken for the next request, so the connection ends with the answer. */
function sendError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  response.setHeader('Connection', 'close')
  sendJson(response, statusOf(error), { error: describe(error) })
}

function statusOf(error: unknown): number {
  if (error instanceof HttpError) return error.status
  if (!(error instanceof ReconcileError)) return 500
  return error.code === 'UNKNOWN_OBJECT' ? 404 : 503
}

function describe(error: unknown): object {
  if (error instanceof HttpError) return { code: 'USAGE', message: error.message, remedy: error.remedy }
  if (error instanceof ReconcileError)
    return { code: error.code, message: error.message, remedy: error.remedy }
  return { code: 'BUG', message: String(error), remedy: 'Please report it.' }
}
