// A private ovsdb-server with an empty Open_vSwitch database in a folder of its own; no ovs-vswitchd beside it.
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { OvsdbClient } from '../../src/ovsdb/client.js'
import { parseEndpoint, type Endpoint } from '../../src/values/endpoint.js'

const SCHEMA = '/usr/share/openvswitch/vswitch.ovsschema'
const START_MS = 5000

export interface OvsdbServer {
  readonly endpoint: Endpoint
  /** A connected client; closed by `stop`. */
  connect(): Promise<OvsdbClient>
  /** Ends the process at once, as a crash does; the folder stays until `stop`. */
  kill(): Promise<void>
  /** Lets the process sleep: connections stay, nothing answers. */
  freeze(): boolean
  stop(): Promise<void>
}

export async function startOvsdbServer(): Promise<OvsdbServer> {
  const folder = await mkdtemp(join(tmpdir(), 'ovsdb-'))
  const database = join(folder, 'conf.db')
  await promisify(execFile)('ovsdb-tool', ['create', database, SCHEMA]).catch((cause: unknown) => {
    throw new Error('These tests need Open vSwitch: install the package openvswitch-switch.', { cause })
  })
  const socket = join(folder, 'db.sock')
  const child = spawn('ovsdb-server', [
    database,
    `--remote=punix:${socket}`,
    '--remote=db:Open_vSwitch,Open_vSwitch,manager_options',
    `--unixctl=${join(folder, 'ovsdb.ctl')}`,
    '-vconsole:off',
  ])
  return control(child, folder, parseEndpoint(`unix:${socket}`))
}

async function control(child: ChildProcess, folder: string, endpoint: Endpoint): Promise<OvsdbServer> {
  const clients: OvsdbClient[] = []
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }
  const connect = async (): Promise<OvsdbClient> => {
    const client = await OvsdbClient.connect(endpoint, { timeoutMs: START_MS })
    clients.push(client)
    return client
  }
  const stop = async (): Promise<void> => {
    for (const client of clients) client.close()
    await end('SIGKILL')
    await rm(folder, { recursive: true })
  }
  await listening(endpoint).catch(async (error: unknown) => {
    await stop()
    throw error
  })
  return { endpoint, connect, kill: () => end('SIGKILL'), freeze: () => child.kill('SIGSTOP'), stop }
}

async function listening(endpoint: Endpoint): Promise<void> {
  const deadline = Date.now() + START_MS
  for (;;) {
    try {
      const client = await OvsdbClient.connect(endpoint, { timeoutMs: START_MS })
      client.close()
      return
    } catch (error) {
      if (Date.now() > deadline) throw error
      await sleep(20)
    }
  }
}
