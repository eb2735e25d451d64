import { afterEach, describe, expect, test } from '@jest/globals'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { decode, encode } from '../../../src/openflow/codec.js'
import type { OpenFlowConnection } from '../../../src/openflow/connection.js'
import { MessageFramer } from '../../../src/openflow/framing.js'
import { OPENFLOW_13, OPENFLOW_15 } from '../../../src/openflow/version.js'
import { SwitchServer } from '../../../src/reconcile/switch-server.js'
import type { Hex } from '../../../src/values/hex.js'
import { waitFor } from '../../support/wait.js'

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo()
})

interface Accepted {
  readonly connection: OpenFlowConnection
  readonly datapathId: Hex
}

async function startServer() {
  const folder = await mkdtemp(join(tmpdir(), 'listen-'))
  const path = join(folder, 'of.sock')
  const accepted: Accepted[] = []
  const lines: string[] = []
  const server = new SwitchServer({
    endpoint: { kind: 'unix', path },
    log: pino({ base: null }, { write: (line: string) => void lines.push(line) }),
    onSwitch: (connection, datapathId) => accepted.push({ connection, datapathId }),
  })
  await server.open()
  cleanUp.push(() => rm(folder, { recursive: true }))
  cleanUp.push(() => server.close())
  return { path, accepted, lines }
}

function dial(path: string): Socket {
  const socket = connect(path)
  socket.on('error', () => undefined)
  socket.resume()
  cleanUp.push(() => socket.destroy())
  return socket
}

/** A switch that says hello and who it is. */
function dialSwitch(path: string, datapathId: string, auxiliaryId = 0, version = OPENFLOW_13): Socket {
  const socket = dial(path)
  const framer = new MessageFramer()
  socket.on('data', (chunk: Buffer) => {
    for (const bytes of framer.push(chunk)) {
      const { message, xid } = decode(bytes)
      if (message.type !== 'features_request') continue
      const features = { bufferCount: 0, tableCount: 254, capabilities: 0, reserved: 0 }
      const reply = {
        type: 'features_reply',
        ...features,
        datapathId: datapathId as Hex,
        auxiliaryId,
      } as const
      socket.write(encode(version, xid, reply))
    }
  })
  socket.write(encode(version, 0, { type: 'hello', versions: [version] }))
  return socket
}

const ONE = '0000000000000001'

describe('a server for switches', () => {
  test.each([OPENFLOW_13, OPENFLOW_15])(
    'takes a switch of version byte %i by its datapath id',
    async (version) => {
      const { path, accepted } = await startServer()
      dialSwitch(path, ONE, 0, version)
      await waitFor(() => accepted.length === 1, { everyMs: 5 })
      expect(accepted[0]?.datapathId).toBe(ONE)
      expect(accepted[0]?.connection.version).toBe(version)
    },
  )

  test('sends away who speaks nonsense, says so, and goes on', async () => {
    const { path, accepted, lines } = await startServer()
    const nonsense = dial(path)
    nonsense.write(Buffer.from([4, 0, 0, 3, 0, 0, 0, 0]))
    await once(nonsense, 'close')
    expect(lines.join('')).toMatch(/refused a connection: OPENFLOW_MALFORMED/)
    dialSwitch(path, ONE)
    await waitFor(() => accepted.length === 1, { everyMs: 5 })
  })

  test('tells a switch of OpenFlow 1.0 that its version will not do', async () => {
    const { path, lines } = await startServer()
    const old = dial(path)
    const got: Buffer[] = []
    old.on('data', (chunk: Buffer) => got.push(chunk))
    old.write(Buffer.from([1, 0, 0, 8, 0, 0, 0, 0]))
    await once(old, 'close')
    const messages = new MessageFramer().push(Buffer.concat(got)).map((bytes) => decode(bytes))
    expect(messages[1]).toMatchObject({ version: 1, message: { type: 'error', errorType: 0, errorCode: 0 } })
    expect(lines.join('')).toMatch(/VERSION_MISMATCH/)
  })

  test('refuses an auxiliary connection', async () => {
    const { path, accepted, lines } = await startServer()
    await once(dialSwitch(path, ONE, 1), 'close')
    expect(lines.join('')).toContain('auxiliary connection, number 1')
    expect(accepted).toEqual([])
  })

  test('ends the connection of before when a switch comes again', async () => {
    const { path, accepted } = await startServer()
    const first = dialSwitch(path, ONE)
    await waitFor(() => accepted.length === 1, { everyMs: 5 })
    const isClosed = once(first, 'close')
    dialSwitch(path, ONE)
    await isClosed
    await waitFor(() => accepted.length === 2, { everyMs: 5 })
    expect(accepted[1]?.connection.endError).toBeUndefined()
  })
})
