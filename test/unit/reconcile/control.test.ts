// The daemon's HTTP interface on a real unix socket, without a daemon behind it.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ReconcileError } from '../../../src/errors/error.js'
import { type ControlHandlers, controlListener } from '../../../src/reconcile/control-http.js'
import type { Flushed } from '../../../src/reconcile/flush.js'
import type { PacketCounts } from '../../../src/reconcile/packet-counts.js'
import { ControlSocket, pathAside } from '../../../src/reconcile/control-socket.js'
import type { ObjectStatus, StatusTable, Summary } from '../../../src/status/condition.js'
import { waitFor } from '../../support/wait.js'

const SUMMARY: Summary = {
  ...{
    bridge: 'br-int',
    node: null,
    openflow: null,
    etcd: null,
    pid: 7,
    phase: 'Synced',
    since: '2026-01-01T00:00:00.000Z',
    message: 'well',
  },
  revision: { wanted: 'abc', applied: 'abc' },
  suspended: null,
  counts: { objects: 0, ready: 0, notReady: 0, unknown: 0 },
  problems: [],
  warnings: [],
}

function objectStatus(i: number): ObjectStatus {
  const bound = { type: 'Bound', message: 'x'.repeat(100), lastTransitionTime: SUMMARY.since } as const
  const isWell = i % 1_000 !== 0
  return {
    ...{ kind: 'Port', name: `vm${i}`, at: 'p.yaml:1:1', revision: 'abc', ready: isWell ? 'True' : 'False' },
    conditions: [
      { ...bound, ...(isWell ? { status: 'True', reason: 'Plugged' } : { status: 'False', reason: 'Not' }) },
    ],
  }
}

const FLUSHED: Flushed = { flows: 2, connections: 1, refused: 0, fallbacks: 0 }
const COUNTS: PacketCounts = {
  ...{ bridge: 'br-int', since: SUMMARY.since, packetIns: 0, ports: null, tunnel: null },
  verdicts: {
    sentOn: 0,
    refused: {},
    malformed: {},
    notOurs: 0,
    answered: {},
    installed: {},
    notRemembered: 0,
    crowdedOut: 0,
  },
}

const OBJECTS = 20_000
const ROWS = Array.from({ length: OBJECTS }, (_, i) => objectStatus(i))
/** As of a node among others: of half of them nothing is kept. */
const TABLE: StatusTable = {
  rows: new Map(ROWS.slice(0, OBJECTS / 2).map((row) => [`Port/${row.name}`, row])),
  others: {
    counts: { objects: OBJECTS / 2, ready: 0, notReady: 0, unknown: 0 },
    ...{ isQuiet: false, since: SUMMARY.since },
    rows: () => ROWS.slice(OBJECTS / 2),
  },
}

let folder: string
let path: string
let told: string[]
const sockets: ControlSocket[] = []
const clients: Socket[] = []
const servers: Server[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ovsr-'))
  path = join(folder, 'reconcile-br-int.sock')
  told = []
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy()
  for (const server of servers.splice(0)) server.close()
  for (const socket of sockets.splice(0)) await socket.close()
  await rm(folder, { recursive: true })
})

async function serve(more: Partial<ControlHandlers> = {}, paths = [path]): Promise<ControlSocket> {
  const tell = (what: string) => () => Promise.resolve(void told.push(what))
  const socket = new ControlSocket({
    paths,
    listener: controlListener({
      status: () => ({ summary: SUMMARY, table: TABLE }),
      suspend: (reason) => Promise.resolve(void told.push(`suspend ${reason}`)),
      resume: tell('resume'),
      reconcile: tell('reconcile'),
      flush: (target) => {
        told.push(`flush ${JSON.stringify(target)}`)
        return Promise.resolve(FLUSHED)
      },
      counters: () => Promise.resolve(COUNTS),
      ...more,
    }),
    onError: ({ code }) => void told.push(code),
    onListening: (where) => void told.push(where),
  })
  sockets.push(socket)
  await socket.open()
  return socket
}

interface Answer {
  readonly status: number | undefined
  readonly body: unknown
  readonly allow: string | undefined
}

function ask(method: string, url: string, body?: string, socketPath = path): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, method, path: url, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('error', reject).on('end', () => {
        const { statusCode: status, headers } = response
        const isJson = headers['content-type'] === 'application/json'
        resolve({ status, body: isJson ? JSON.parse(text) : text, allow: headers.allow })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

async function raw(text: string): Promise<Socket> {
  const client = connect(path)
  clients.push(client)
  client.on('error', () => undefined)
  await once(client, 'connect')
  client.write(text)
  return client
}

describe('a request', () => {
  beforeEach(() => serve().then(() => void (told = [])))

  test('for the status is answered with the summary and the objects that were chosen', async () => {
    const objectsOf = async (query: string) =>
      ((await ask('GET', `/v1/status${query}`)).body as { objects: ObjectStatus[] }).objects
    expect(await objectsOf('')).toEqual(ROWS)
    expect((await objectsOf('?objects=unwell')).map(({ name }) => name)).toEqual(
      Array.from({ length: OBJECTS / 1_000 }, (_, i) => `vm${i * 1_000}`),
    )
    expect((await ask('GET', '/v1/status?objects=none')).body).toEqual({ ...SUMMARY, objects: [] })
    expect((await ask('GET', '/v1/status?objects=constructor')).status).toBe(400)
  })

  test('to act is answered with the summary once that is done', async () => {
    expect(await ask('POST', '/v1/suspend', '{"reason": "a drill"}')).toMatchObject({
      status: 200,
      body: SUMMARY,
    })
    expect((await ask('POST', '/v1/suspend')).status).toBe(200)
    expect((await ask('POST', '/v1/resume')).status).toBe(200)
    expect((await ask('POST', '/v1/reconcile', '{}')).status).toBe(200)
    expect(told).toEqual(['suspend a drill', 'suspend ', 'resume', 'reconcile'])
  })

  test('to flush is answered with what went, and for the counters with these', async () => {
    expect(await ask('POST', '/v1/flush', '{"object": "Port/vm1"}')).toMatchObject({
      ...{ status: 200, body: FLUSHED },
    })
    expect((await ask('POST', '/v1/flush', '{"all": true}')).status).toBe(200)
    expect(told).toEqual(['flush {"kind":"Port","name":"vm1"}', 'flush "all"'])
    expect(await ask('GET', '/v1/counters')).toMatchObject({ status: 200, body: COUNTS })
  })

  test.each([
    ['GET', '/v1/suspend', undefined, 405],
    ['POST', '/v1/flush', undefined, 400],
    ['POST', '/v1/flush', '{"object": "Node/a"}', 400],
    ['POST', '/v1/flush', '{"object": "Port/vm1", "all": true}', 400],
    ['POST', '/v1/flush', '{"all": false}', 400],
    ['DELETE', '/v1/status', undefined, 405],
    ['GET', '/', undefined, 404],
    ['GET', '/v1/status/../constructor', undefined, 404],
    ['POST', '/v1/suspend', '{"reason": 5}', 400],
    ['POST', '/v1/suspend', '["a"]', 400],
    ['POST', '/v1/suspend', '{', 400],
    ['POST', '/v1/suspend', `{"reason": "${'x'.repeat(5_000)}"}`, 413],
  ])('%s %s with %s is refused with %d, as JSON and with a remedy', async (method, url, body, status) => {
    const answer = await ask(method, url, body)
    expect(answer).toMatchObject({
      status,
      body: {
        error: { code: 'USAGE', message: expect.any(String), remedy: expect.stringMatching(/^(Use|Send) /) },
      },
    })
    expect(answer.allow).toBe(status === 405 ? (url === '/v1/status' ? 'GET' : 'POST') : undefined)
    expect(told).toEqual([])
  })

  test('that is never finished, and an answer that is never read, keep nobody else waiting', async () => {
    await raw('POST /v1/suspend HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{')
    await raw('GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n') // megabytes, and nobody reads
    await raw('nonsense')
    expect((await ask('GET', '/healthz')).body).toBe('ok\n')
    expect((await ask('GET', '/v1/status?objects=none')).status).toBe(200)
    expect(told).toEqual([])
  })

  test('of a client that goes away in the middle of its answer harms nobody', async () => {
    const client = await raw('GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(client, 'data')
    client.destroy()
    expect(await ask('GET', '/readyz')).toMatchObject({ status: 200, body: 'Synced\n' })
  })
})

test('an object that is not there is an answer of its own', async () => {
  const error = new ReconcileError('UNKNOWN_OBJECT', 'There is none.', { remedy: 'Look.' })
  await serve({ flush: () => Promise.reject(error) })
  expect(await ask('POST', '/v1/flush', '{"object": "Port/vm9"}')).toMatchObject({
    ...{ status: 404, body: { error: { code: 'UNKNOWN_OBJECT' } } },
  })
})

test('what the daemon cannot do is a JSON error with its code, and a bug is one, too', async () => {
  const error = new ReconcileError('OVSDB_UNREACHABLE', 'Nobody is there.', { remedy: 'Wait.' })
  await serve({
    resume: () => Promise.reject(error),
    reconcile: () => Promise.reject(new Error('oops')),
    status: () => ({ summary: { ...SUMMARY, phase: 'Disconnected' }, table: TABLE }),
  })
  expect(await ask('POST', '/v1/resume')).toMatchObject({
    status: 503,
    body: { error: { code: 'OVSDB_UNREACHABLE', message: 'Nobody is there.', remedy: 'Wait.' } },
  })
  expect(await ask('POST', '/v1/reconcile')).toMatchObject({ status: 500, body: { error: { code: 'BUG' } } })
  expect(await ask('GET', '/readyz')).toMatchObject({ status: 503, body: 'Disconnected\n' })
})

describe('the socket', () => {
  test('is for owner and group, and is removed at the end', async () => {
    const socket = await serve()
    expect((await stat(path)).mode & 0o777).toBe(0o660)
    await socket.close()
    await expect(stat(path)).rejects.toThrow('ENOENT')
  })

  test('of a process that has died is replaced', async () => {
    const dead = createServer()
    servers.push(dead)
    dead.listen(join(folder, 'other'))
    await once(dead, 'listening')
    // As after SIGKILL: the file stays, and nobody listens.
    const { rename } = await import('node:fs/promises')
    await rename(join(folder, 'other'), path)
    dead.close()
    await serve()
    expect(told).toEqual([path])
    expect((await ask('GET', '/healthz')).status).toBe(200)
  })

  test('of a living one is respected, and taken over when it has gone', async () => {
    const first = await serve()
    const second = await serve()
    const aside = pathAside(path)
    expect(told).toEqual([path, aside])
    expect((await ask('GET', '/healthz', undefined, aside)).status).toBe(200)
    second.setWorking(false)
    await first.close()
    second.setWorking(true)
    await waitFor(() => told.length === 3)
    expect(told[2]).toBe(path)
    expect((await ask('GET', '/healthz')).status).toBe(200)
    await expect(stat(aside)).rejects.toThrow('ENOENT')
  })

  test('that somebody removes is made again', async () => {
    await serve()
    await rm(path)
    await waitFor(async () => (await ask('GET', '/healthz')).status === 200, { what: 'the socket' })
  })

  test('is not where a file is that is none, nor where nothing can be written, and that is said once', async () => {
    await writeFile(path, 'precious')
    await serve()
    await waitFor(() => told.length > 0)
    expect(told).toEqual(['SOCKET_UNUSABLE'])
    expect((await stat(path)).isFile()).toBe(true)
    told = []
    await serve({}, [join(folder, 'nowhere', 'a.sock')])
    expect(told).toEqual(['SOCKET_UNUSABLE'])
  })

  test('is in the first folder that may be written to', async () => {
    await serve({}, [join(folder, 'nowhere', 'a.sock'), path])
    expect(told).toEqual([path])
  })
})
