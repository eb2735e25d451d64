// A switch at the other end of a connection, of which a test says what it does: a listening socket that speaks OpenFlow.
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decode, encode, type Envelope } from '../../src/openflow/codec.js'
import { MessageFramer } from '../../src/openflow/framing.js'
import type { OPENFLOW_13, OPENFLOW_15 } from '../../src/openflow/version.js'
import type { Endpoint } from '../../src/values/endpoint.js'

/** What a switch at the other end does: once when somebody connects, and for each message. */
export interface Peer {
  readonly greet?: (socket: Socket) => void
  readonly answer?: (socket: Socket, got: Envelope) => void
}

const cleanUp: (() => Promise<unknown>)[] = []

/** Closes what `serve` opened: after each test. */
export async function closePeers(): Promise<void> {
  for (const undo of cleanUp.splice(0).reverse()) await undo()
}

/** A listening socket with this peer behind it. */
export async function serve({ greet, answer }: Peer, transport: 'unix' | 'tcp' = 'unix'): Promise<Endpoint> {
  const folder = await mkdtemp(join(tmpdir(), 'openflow-'))
  const path = join(folder, 'br-int.mgmt')
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    const framer = new MessageFramer()
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => {
      for (const bytes of framer.push(chunk)) answer?.(socket, decode(bytes))
    })
    greet?.(socket)
  })
  server.listen(transport === 'unix' ? { path } : { host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  cleanUp.push(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
    await rm(folder, { recursive: true })
  })
  const address = server.address()
  if (address === null || typeof address === 'string') return { kind: 'unix', path }
  return { kind: 'tcp', host: '127.0.0.1', port: address.port }
}

/** A hello of this version byte, with a bitmap of versions. */
export const says =
  (version: typeof OPENFLOW_13 | typeof OPENFLOW_15, ...versions: readonly number[]) =>
  (socket: Socket): void => {
    socket.write(encode(version, 0, { type: 'hello', versions }))
  }
