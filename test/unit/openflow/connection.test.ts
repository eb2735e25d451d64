import { afterEach, describe, expect, test } from '@jest/globals'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decode, encode, type Envelope } from '../../../src/openflow/codec.js'
import { connectOpenFlow, OpenFlowError } from '../../../src/openflow/connection.js'
import { MessageFramer } from '../../../src/openflow/framing.js'
import type { Message } from '../../../src/openflow/messages/messages.js'
import { OPENFLOW_13, OPENFLOW_14, OPENFLOW_15 } from '../../../src/openflow/version.js'
import { zeroHex } from '../../../src/values/hex.js'
import type { Endpoint } from '../../../src/values/endpoint.js'
import { messageVectors } from '../../golden/openflow/vectors.js'

/** What a switch at the other end does: once when somebody connects, and for each message. */
interface Peer {
  readonly greet?: (socket: Socket) => void
  readonly answer?: (socket: Socket, got: Envelope) => void
}

const cleanUp: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo()
})

/** A listening socket with this peer behind it. */
async function serve({ greet, answer }: Peer, transport: 'unix' | 'tcp' = 'unix'): Promise<Endpoint> {
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

const says =
  (version: typeof OPENFLOW_13 | typeof OPENFLOW_15, ...versions: readonly number[]) =>
  (socket: Socket): void => {
    socket.write(encode(version, 0, { type: 'hello', versions }))
  }

/** A hello of 8 bytes, as a switch sends that knows no bitmap. */
const saysOnly =
  (version: number) =>
  (socket: Socket): void => {
    socket.write(Buffer.from([version, 0, 0, 8, 0, 0, 0, 0]))
  }

const refused = (of: readonly [type: number, code: number], data = Buffer.alloc(0)): Message => ({
  type: 'error',
  errorType: of[0],
  errorCode: of[1],
  data,
})

describe('the version of a connection', () => {
  test.each([
    ['1.5 where both speak it', says(OPENFLOW_15, 1, 4, 5, 6), OPENFLOW_15],
    ['1.4 where the switch does not speak 1.5', says(OPENFLOW_13, 1, 4, 5), OPENFLOW_14],
    ['1.3 where a hello of 1.5 names 1.3 alone', says(OPENFLOW_15, 4), OPENFLOW_13],
    ['1.4 where a switch without bitmap says 1.4', saysOnly(0x05), OPENFLOW_14],
    ['1.5 where a switch without bitmap says more', saysOnly(0x07), OPENFLOW_15],
  ])('is %s', async (_, greet, version) => {
    const connection = await connectOpenFlow(await serve({ greet }))
    expect(connection.version).toBe(version)
    connection.close()
  })

  test.each([
    ['1.0, without a bitmap', saysOnly(0x01), 'The bridge speaks OpenFlow 1.0, but not 1.5, 1.4 or 1.3.'],
    ['1.0 and 1.1', says(OPENFLOW_15, 1, 2), 'The bridge speaks OpenFlow 1.0, 1.1, but not 1.5, 1.4 or 1.3.'],
  ])('cannot be agreed on with a switch that speaks %s', async (_, greet, message) => {
    await expect(connectOpenFlow(await serve({ greet }))).rejects.toMatchObject({
      code: 'VERSION_MISMATCH',
      message,
      remedy: expect.stringContaining('OpenFlow15'),
    })
  })

  test('is one of those that were asked for', async () => {
    const got: Envelope[] = []
    const answer = (_: Socket, envelope: Envelope): void => void got.push(envelope)
    const endpoint = await serve({ greet: says(OPENFLOW_15, 4, 5, 6), answer })
    const connection = await connectOpenFlow(endpoint, { versions: [OPENFLOW_14, OPENFLOW_13] })
    expect(connection.version).toBe(OPENFLOW_14)
    connection.close()
    await connection.closed
    expect(got[0]).toMatchObject({ version: OPENFLOW_14, message: { type: 'hello', versions: [4, 5] } })
  })

  test('that was asked for is named where the switch does not speak it', async () => {
    const endpoint = await serve({ greet: says(OPENFLOW_15, 5, 6) })
    await expect(connectOpenFlow(endpoint, { versions: [OPENFLOW_13] })).rejects.toMatchObject({
      code: 'VERSION_MISMATCH',
      message: 'The bridge speaks OpenFlow 1.4, 1.5, but not 1.3.',
      remedy: 'Allow OpenFlow13 in the bridge: ovs-vsctl add bridge BRIDGE protocols OpenFlow13.',
    })
  })

  test('cannot be agreed on with a switch that answers hello with an error', async () => {
    const greet = (socket: Socket): void => void socket.write(encode(OPENFLOW_13, 0, refused([0, 0])))
    await expect(connectOpenFlow(await serve({ greet }))).rejects.toMatchObject({ code: 'VERSION_MISMATCH' })
  })
})

describe('a connection that cannot be made', () => {
  test('for want of a socket names the reason', async () => {
    const nowhere = { kind: 'unix', path: join(tmpdir(), 'no-such-bridge.mgmt') } as const
    await expect(connectOpenFlow(nowhere)).rejects.toMatchObject({
      code: 'SWITCH_UNREACHABLE',
      message: expect.stringContaining('ENOENT'),
    })
  })

  test('because nobody says hello ends in time', async () => {
    const silent = await serve({})
    await expect(connectOpenFlow(silent, { timeoutMs: 50 })).rejects.toMatchObject({
      code: 'OPENFLOW_TIMEOUT',
    })
  })

  test('because the other end closes at once is lost', async () => {
    const shut = await serve({ greet: (socket) => socket.end() })
    await expect(connectOpenFlow(shut)).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
  })

  test('because the other end speaks something else says so', async () => {
    const web = await serve({
      greet: (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'.repeat(1000)),
    })
    await expect(connectOpenFlow(web, { timeoutMs: 500 })).rejects.toMatchObject({
      code: 'OPENFLOW_MALFORMED',
    })
  })
})

const FLOW_REMOVED = Buffer.from(
  messageVectors.find(({ name, version }) => version === 'OpenFlow15' && name.endsWith('flow_removed'))
    ?.message_hex ?? '',
  'hex',
)

describe('an open connection', () => {
  const greet = says(OPENFLOW_15, 6)

  test('answers an echo request with its own xid and data', async () => {
    const got: Envelope[] = []
    let barrier = 0
    const answer = (socket: Socket, envelope: Envelope): void => {
      got.push(envelope)
      const { message, xid } = envelope
      if (message.type === 'barrier_request') {
        barrier = xid
        socket.write(encode(OPENFLOW_15, 77, { type: 'echo_request', data: Buffer.from('ping') }))
      } else if (message.type === 'echo_reply') {
        socket.write(encode(OPENFLOW_15, barrier, { type: 'barrier_reply' }))
      }
    }
    const connection = await connectOpenFlow(await serve({ greet, answer }))
    await connection.barrier()
    const reply = { type: 'echo_reply', data: Buffer.from('ping') }
    expect(got.at(-1)).toEqual({ version: OPENFLOW_15, xid: 77, message: reply })
    connection.close()
  })

  test('matches replies to requests by xid, in whatever order they come', async () => {
    const waiting: number[] = []
    const answer = (socket: Socket, { xid, message }: Envelope): void => {
      if (message.type !== 'echo_request') return
      waiting.push(xid)
      if (waiting.length < 3) return
      for (const late of waiting.reverse())
        socket.write(encode(OPENFLOW_15, late, { type: 'echo_reply', data: Buffer.from([late]) }))
    }
    const connection = await connectOpenFlow(await serve({ greet, answer }))
    const ask = (): Promise<Message> => connection.request({ type: 'echo_request', data: Buffer.alloc(0) })
    const replies = await Promise.all([ask(), ask(), ask()])
    // The hello had the first.
    expect(replies.map((reply) => reply.type === 'echo_reply' && reply.data[0])).toEqual([2, 3, 4])
    connection.close()
  })

  test('gives an error of another version to the request of its xid', async () => {
    const answer = (socket: Socket, { xid, message }: Envelope): void => {
      if (message.type !== 'barrier_request') return
      const error = encode(OPENFLOW_13, xid, refused([1, 5]))
      error.writeUInt8(0x01, 0)
      socket.write(error)
    }
    const connection = await connectOpenFlow(await serve({ greet, answer }))
    await expect(connection.barrier()).rejects.toEqual(expect.objectContaining({ errorName: 'OFPBRC_EPERM' }))
    await expect(connection.barrier()).rejects.toBeInstanceOf(OpenFlowError)
    connection.close()
  })

  test('gives what answers no request to its listener, though it has the xid of one', async () => {
    const answer = (socket: Socket, { xid, message }: Envelope): void => {
      if (message.type !== 'barrier_request') return
      const gone = decode(FLOW_REMOVED).message
      socket.write(encode(OPENFLOW_15, xid, gone))
      socket.write(encode(OPENFLOW_15, xid, { type: 'barrier_reply' }))
    }
    const heard: Message[] = []
    const connection = await connectOpenFlow(await serve({ greet, answer }))
    connection.listen((message) => heard.push(message))
    await connection.barrier()
    expect(heard).toEqual([decode(FLOW_REMOVED).message])
    connection.close()
  })

  test('that falls silent times out, and takes the next reply for the next request', async () => {
    let barriers = 0
    const answer = (socket: Socket, { xid, message }: Envelope): void => {
      if (message.type === 'barrier_request' && ++barriers > 1)
        socket.write(encode(OPENFLOW_15, xid, { type: 'barrier_reply' }))
    }
    const connection = await connectOpenFlow(await serve({ greet, answer }), { timeoutMs: 50 })
    await expect(connection.barrier()).rejects.toMatchObject({ code: 'OPENFLOW_TIMEOUT' })
    await connection.barrier()
    connection.close()
  })

  test('that falls silent is waited for beyond all timeouts, with one probe', async () => {
    let probes = 0
    let speakAgain: () => void = () => undefined
    const answer = (socket: Socket, { xid, message }: Envelope): void => {
      if (message.type !== 'echo_request') return
      probes++
      speakAgain = () => socket.write(encode(OPENFLOW_15, xid, { type: 'echo_reply', data: message.data }))
    }
    const connection = await connectOpenFlow(await serve({ greet, answer }), { timeoutMs: 50 })
    let answered = false
    const waiting = connection.answering().then(() => (answered = true))
    await expect(connection.barrier()).rejects.toMatchObject({ code: 'OPENFLOW_TIMEOUT' })
    expect([probes, answered]).toEqual([1, false])
    speakAgain()
    await waiting
    const lost = expect(connection.answering()).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    connection.close()
    await lost
  })

  test.each([
    ['closed', 'unix', (socket: Socket) => socket.destroy()],
    ['reset', 'tcp', (socket: Socket) => socket.resetAndDestroy()],
  ] as const)('that is %s fails what is under way and what comes after', async (_, transport, cut) => {
    const answer = (socket: Socket, { message }: Envelope): void => {
      if (message.type === 'barrier_request') cut(socket)
    }
    const connection = await connectOpenFlow(await serve({ greet, answer }, transport))
    const lost = expect.objectContaining({ code: 'CONNECTION_LOST' })
    await expect(connection.barrier()).rejects.toEqual(lost)
    await connection.closed
    expect(() => connection.send({ type: 'barrier_request' })).toThrow(lost)
    await connection.drained()
  })

  test('that is sent bytes which are not OpenFlow ends with that error', async () => {
    const answer = (socket: Socket, { message }: Envelope): void => {
      if (message.type === 'barrier_request') socket.write(Buffer.from([6, 19, 0, 4, 0, 0, 0, 0]))
    }
    const connection = await connectOpenFlow(await serve({ greet, answer }))
    await expect(connection.barrier()).rejects.toMatchObject({ code: 'OPENFLOW_MALFORMED' })
    await connection.closed
  })

  const DUMP = {
    type: 'flow_stats_request',
    flags: 0,
    tableId: 0xff,
    outPort: 0xffffffff,
    outGroup: 0xffffffff,
    cookie: zeroHex(8),
    cookieMask: zeroHex(8),
    match: [],
  } as const
  const part = (flags: number): Message => ({ type: 'flow_stats_reply', flags, flows: [] })

  test('puts the parts of a reply together, of any kind of multipart', async () => {
    const ports: Message = { type: 'port_desc_reply', flags: 0, ports: [] }
    const answer = (socket: Socket, { xid, message }: Envelope): void => {
      const parts = message.type === 'flow_stats_request' ? [part(1), part(1), part(0)] : [ports]
      for (const reply of parts) socket.write(encode(OPENFLOW_15, xid, reply))
    }
    const connection = await connectOpenFlow(await serve({ greet, answer }))
    expect(await connection.multipart(DUMP)).toEqual([part(1), part(1), part(0)])
    expect(await connection.multipart({ type: 'port_desc_request', flags: 0, portNo: 0xffffffff })).toEqual([
      ports,
    ])
    connection.close()
  })

  test('gives the parts one by one, and reads no further while the caller has one', async () => {
    const LENGTH = 2000
    let sent = 0
    const rest: Message = { type: 'echo_request', data: Buffer.alloc(10_000) }
    const answer = (socket: Socket, { xid, message }: Envelope): void => {
      if (message.type !== 'flow_stats_request') return
      const next = (): void => {
        // Something bulky stands before each part, so that the buffers of the kernel hold few of them.
        socket.write(encode(OPENFLOW_15, 9, rest))
        if (++sent === LENGTH) socket.write(encode(OPENFLOW_15, xid, part(0)))
        else socket.write(encode(OPENFLOW_15, xid, part(1)), next)
      }
      next()
    }
    const connection = await connectOpenFlow(await serve({ greet, answer }))
    let taken = 0
    for await (const { flags } of connection.parts(DUMP)) {
      taken++
      expect(flags).toBe(taken === LENGTH ? 0 : 1)
      if (taken !== 3) continue
      await new Promise((resolve) => setTimeout(resolve, 200))
      expect(sent).toBeLessThan(LENGTH / 4)
    }
    expect(taken).toBe(LENGTH)
    connection.close()
  })

  test('gives the time for a reply to each part of it, not to the one who takes it', async () => {
    const answer = (socket: Socket, { xid, message }: Envelope): void => {
      if (message.type !== 'flow_stats_request') return
      for (const [i, flags] of [1, 1, 1, 1, 0].entries())
        setTimeout(() => socket.write(encode(OPENFLOW_15, xid, part(flags))), i * 100)
    }
    const connection = await connectOpenFlow(await serve({ greet, answer }), { timeoutMs: 300 })
    const flags: number[] = []
    for await (const part of connection.parts(DUMP)) {
      flags.push(part.flags)
      if (flags.length === 1) await new Promise((resolve) => setTimeout(resolve, 400))
    }
    expect(flags).toEqual([1, 1, 1, 1, 0])
    connection.close()
  })

  test('goes on to answer after a caller who wanted no more parts', async () => {
    const answer = (socket: Socket, { xid, message }: Envelope): void => {
      const reply: Message = message.type === 'flow_stats_request' ? part(1) : { type: 'barrier_reply' }
      if (message.type !== 'hello')
        for (let i = 0; i < 100; i++) socket.write(encode(OPENFLOW_15, xid, reply))
    }
    const connection = await connectOpenFlow(await serve({ greet, answer }))
    for await (const { flags } of connection.parts(DUMP)) {
      expect(flags).toBe(1)
      break
    }
    await connection.barrier()
    connection.close()
  })

  test('gives the parts that came before the end, and then the reason of it', async () => {
    const answer = (socket: Socket, { xid, message }: Envelope): void => {
      if (message.type === 'flow_stats_request') socket.end(encode(OPENFLOW_15, xid, part(1)))
    }
    const connection = await connectOpenFlow(await serve({ greet, answer }))
    const parts = connection.parts(DUMP)
    expect((await parts.next()).value).toEqual(part(1))
    await expect(parts.next()).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
  })

  test('does not keep more of a reply than its limit', async () => {
    const answer = (socket: Socket, { xid, message }: Envelope): void => {
      const reply: Message = message.type === 'flow_stats_request' ? part(1) : { type: 'barrier_reply' }
      for (let i = 0; i < 100; i++) socket.write(encode(OPENFLOW_15, xid, reply))
    }
    const connection = await connectOpenFlow(await serve({ greet, answer }), { maxMultipartBytes: 1599 })
    await expect(connection.multipart(DUMP)).rejects.toMatchObject({ code: 'REPLY_TOO_LONG' })
    await connection.barrier()
    connection.close()
  })

  test('refuses a reply of another kind than its request', async () => {
    const answer = (socket: Socket, { xid, message }: Envelope): void => {
      if (message.type !== 'hello') socket.write(encode(OPENFLOW_15, xid, { type: 'barrier_reply' }))
    }
    const connection = await connectOpenFlow(await serve({ greet, answer }))
    await expect(connection.multipart(DUMP)).rejects.toMatchObject({
      code: 'OPENFLOW_MALFORMED',
      message: expect.stringContaining('a barrier_reply in answer to a flow_stats_request'),
    })
    connection.close()
  })

  test('ignores replies to nothing', async () => {
    const answer = (socket: Socket, { xid, message }: Envelope): void => {
      if (message.type !== 'barrier_request') return
      for (const stray of [
        part(0),
        { type: 'barrier_reply' } as const,
        { type: 'unknown', code: 35, body: Buffer.alloc(8) } as const,
      ])
        socket.write(encode(OPENFLOW_15, xid + 1000, stray))
      socket.write(encode(OPENFLOW_15, xid, { type: 'barrier_reply' }))
    }
    const heard: Message[] = []
    const connection = await connectOpenFlow(await serve({ greet, answer }))
    connection.listen((message) => heard.push(message))
    await connection.barrier()
    expect(heard).toEqual([])
    connection.close()
  })

  test('does not queue answers to a switch that asks for echoes and never reads', async () => {
    const echo = encode(OPENFLOW_15, 5, { type: 'echo_request', data: Buffer.alloc(60_000) })
    const flood = (socket: Socket): void => {
      says(OPENFLOW_15, 6)(socket)
      socket.pause()
      for (let i = 0; i < 500; i++) socket.write(echo)
    }
    const connection = await connectOpenFlow(await serve({ greet: flood }))
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(connection.unsentBytes).toBeLessThan(500_000)
    connection.close()
  })
})
