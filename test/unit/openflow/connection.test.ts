import { afterEach, describe, expect, test } from '@jest/globals'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decode, encode, type Envelope } from '../../../src/openflow/codec.js'
import { connectOpenFlow } from '../../../src/openflow/connection.js'
import { OpenFlowError } from '../../../src/openflow/connection-errors.js'
import type { Message } from '../../../src/openflow/messages/messages.js'
import { OPENFLOW_13, OPENFLOW_14, OPENFLOW_15 } from '../../../src/openflow/version.js'
import { messageVectors } from '../../golden/openflow/vectors.js'
import { closePeers, says, serve } from '../../support/peer.js'

afterEach(closePeers)

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
      message: `Cannot reach the switch at unix:${nowhere.path}: no such file or directory.`,
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

  test('ignores replies to nothing', async () => {
    const answer = (socket: Socket, { xid, message }: Envelope): void => {
      if (message.type !== 'barrier_request') return
      for (const stray of [
        { type: 'flow_stats_reply', flags: 0, flows: [] } as const,
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
