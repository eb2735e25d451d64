// The client against servers that misbehave in ways ovsdb-server does not: a real socket, with the other end written here.
import { afterEach, describe, expect, test } from '@jest/globals'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { OvsdbClient } from '../../../src/ovsdb/client.js'
import { monitorSwitch } from '../../../src/ovsdb/monitor.js'
import type { Replica } from '../../../src/ovsdb/replica.js'
import { bridgeRow, id, NONE } from './rows.js'

const servers: Server[] = []
const clients: OvsdbClient[] = []

afterEach(() => {
  for (const client of clients.splice(0)) client.close()
  for (const server of servers.splice(0)) server.close()
})

/** A client and the server's end of its connection. */
async function pair(maxMessageBytes = 1000): Promise<[OvsdbClient, Socket]> {
  const server = createServer().listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  const accepted = once(server, 'connection') as Promise<[Socket]>
  const { port } = server.address() as AddressInfo
  const client = await OvsdbClient.connect(
    { kind: 'tcp', host: '127.0.0.1', port },
    { timeoutMs: 2000, maxMessageBytes },
  )
  clients.push(client)
  const [socket] = await accepted
  socket.on('error', () => undefined)
  return [client, socket]
}

async function received(socket: Socket): Promise<unknown> {
  const [bytes] = (await once(socket, 'data')) as [Buffer]
  return JSON.parse(bytes.toString())
}

describe('the OVSDB client', () => {
  test('answers an echo with its parameters', async () => {
    const [, socket] = await pair()
    socket.write('{"method":"echo","params":["x"],"id":"echo"}')
    expect(await received(socket)).toEqual({ id: 'echo', result: ['x'], error: null })
  })

  test('answers a request it does not know with an error', async () => {
    const [, socket] = await pair()
    socket.write('{"method":"dance","params":[],"id":3}')
    expect(await received(socket)).toEqual({ id: 3, result: null, error: 'unknown method' })
  })

  test('pairs replies with requests by id, in any order, and ignores replies that nobody waits for', async () => {
    const [client, socket] = await pair()
    const replies = Promise.all([client.request('a', []), client.request('b', [])])
    socket.write('{"id":99,"result":"stray","error":null}')
    socket.write('{"id":1,"result":"B","error":null}{"id":0,"result":"A","error":null}')
    expect(await replies).toEqual(['A', 'B'])
  })

  test('gives up on a request in its own time, and lives on when the reply comes late', async () => {
    const [client, socket] = await pair()
    await expect(client.request('slow', [], 50)).rejects.toMatchObject({
      code: 'OVSDB_UNREACHABLE',
      message: expect.stringContaining('"slow" within 50 ms'),
    })
    const next = client.request('next', [])
    socket.write('{"id":0,"result":"late","error":null}{"id":1,"result":"in time","error":null}')
    expect(await next).toBe('in time')
  })

  test('reports an error reply with what was asked', async () => {
    const [client, socket] = await pair()
    const reply = client.request('steal', [])
    socket.write('{"id":0,"result":null,"error":{"error":"syntax error","details":"no lock name."}}')
    await expect(reply).rejects.toMatchObject({
      code: 'OVSDB_ERROR',
      message: 'ovsdb-server refused the request "steal": syntax error: no lock name.',
    })
  })

  test.each([
    ['bytes that are not JSON', '\u0006\u0000\u0000\u0008'],
    ['a message that is not JSON-RPC', '{"hello":"world"}'],
    ['a message over the limit', `{"method":"${'x'.repeat(1000)}`],
  ])('ends on %s, and says so to everybody who waits', async (_, text) => {
    const [client, socket] = await pair()
    const reply = client.request('echo', [])
    socket.write(text)
    await expect(reply).rejects.toMatchObject({ code: 'OVSDB_MALFORMED' })
    expect(await client.closed).toMatchObject({ code: 'OVSDB_MALFORMED' })
    await expect(client.request('echo', [])).rejects.toMatchObject({ code: 'OVSDB_UNREACHABLE' })
  })

  test('tells a plain close by undefined, and rejects what was in progress', async () => {
    const [client] = await pair()
    const reply = client.request('echo', [])
    client.close()
    await expect(reply).rejects.toMatchObject({ code: 'OVSDB_UNREACHABLE' })
    expect(await client.closed).toBeUndefined()
  })

  test('does not call a listener that was taken away', async () => {
    const [client, socket] = await pair()
    const seen: string[] = []
    const stop = client.onNotification(({ method }) => seen.push(`first ${method}`))
    client.onNotification(({ method }) => {
      seen.push(`second ${method}`)
      stop()
    })
    const reply = client.request('echo', [])
    socket.write('{"method":"a","params":[]}{"method":"b","params":[]}{"id":0,"result":[],"error":null}')
    await reply
    expect(seen).toEqual(['first a', 'second a', 'second b'])
  })
})

describe('the monitor', () => {
  const bridge = (number: number, name: string): unknown => ({
    Bridge: { [id(number)]: { new: bridgeRow(name, NONE) } },
  })
  const names = (replica: Replica): string[] => [...replica.Bridge.values()].map(({ name }) => name)
  const update = (tables: unknown): string => JSON.stringify({ method: 'update', params: ['switch', tables] })

  test('loses no update that comes in one read with the reply', async () => {
    const [client, socket] = await pair()
    const changes: string[][] = []
    const first = monitorSwitch(client, (replica) => changes.push(names(replica)))
    await received(socket)
    socket.write(
      JSON.stringify({ id: 0, error: null, result: bridge(1, 'br-int') }) + update(bridge(2, 'br-tun')),
    )
    expect(names(await first)).toEqual(['br-int', 'br-tun'])
    expect(changes).toEqual([])
    const echo = client.request('echo', [])
    socket.write(update(bridge(3, 'br-ex')) + '{"id":1,"result":[],"error":null}')
    await echo
    expect(changes).toEqual([['br-int', 'br-tun', 'br-ex']])
  })

  test('ignores updates of other monitors, and ends the connection on a malformed one of its own', async () => {
    const [client, socket] = await pair()
    const first = monitorSwitch(client, () => undefined)
    await received(socket)
    socket.write('{"id":0,"error":null,"result":{}}')
    await first
    socket.write('{"method":"update","params":["other",7]}{"method":"locked","params":[]}')
    socket.write('{"method":"update","params":["switch",7]}')
    expect(await client.closed).toMatchObject({ code: 'OVSDB_MALFORMED' })
  })

  test('fails on a malformed first reply', async () => {
    const [client, socket] = await pair()
    const first = monitorSwitch(client, () => undefined)
    await received(socket)
    socket.write('{"id":0,"error":null,"result":{"Bridge":{"x":{}}}}')
    await expect(first).rejects.toMatchObject({ code: 'OVSDB_MALFORMED' })
  })
})
