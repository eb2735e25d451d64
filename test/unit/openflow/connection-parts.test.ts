import { afterEach, describe, expect, test } from '@jest/globals'
import type { Socket } from 'node:net'
import { encode, type Envelope } from '../../../src/openflow/codec.js'
import { connectOpenFlow } from '../../../src/openflow/connection.js'
import type { Message } from '../../../src/openflow/messages/messages.js'
import { OPENFLOW_15 } from '../../../src/openflow/version.js'
import { zeroHex } from '../../../src/values/hex.js'
import { closePeers, says, serve } from '../../support/peer.js'

afterEach(closePeers)

describe('a reply in parts', () => {
  const greet = says(OPENFLOW_15, 6)

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
})
