import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createBridge, writeBridgeExternalIds } from '../../src/ovsdb/bridge.js'
import { OvsdbClient } from '../../src/ovsdb/client.js'
import { parseEndpoint } from '../../src/values/endpoint.js'
import { monitorSwitch } from '../../src/ovsdb/monitor.js'
import type { Replica } from '../../src/ovsdb/replica.js'
import type { Operation, WireRow } from '../../src/ovsdb/transaction.js'
import { encodeNamedUuid, encodeSet, encodeTextMap } from '../../src/ovsdb/values.js'
import { type BridgeView, bridgeView, switchView } from '../../src/ovsdb/view.js'
import { type OvsdbServer, startOvsdbServer } from './ovsdb-server.js'

let server: OvsdbServer
let client: OvsdbClient

beforeEach(async () => {
  server = await startOvsdbServer()
  client = await server.connect()
})

afterEach(() => server.stop())

/** The one row that `ovs-vsctl init` makes. */
async function initialise(): Promise<void> {
  const external_ids = encodeTextMap([['hostname', 'node-a.example.org']])
  await client.transact([
    { op: 'insert', table: 'Open_vSwitch', row: { ovs_version: '3.1.0', external_ids } },
  ])
}

function addPort(bridge: string, name: string, row: WireRow = {}): readonly Operation[] {
  return [
    { op: 'insert', table: 'Interface', 'uuid-name': 'itf', row: { name, ...row } },
    { op: 'insert', table: 'Port', 'uuid-name': 'port', row: { name, interfaces: encodeNamedUuid('itf') } },
    {
      op: 'mutate',
      table: 'Bridge',
      where: [['name', '==', bridge]],
      mutations: [['ports', 'insert', encodeSet([encodeNamedUuid('port')])]],
    },
  ]
}

function setInterface(name: string, row: WireRow): Operation {
  return { op: 'update', table: 'Interface', where: [['name', '==', name]], row }
}

/** Monitors over a connection of its own; `bridge` waits for a state instead of counting updates. */
async function watcher(): Promise<{
  readonly latest: () => Replica
  readonly bridge: (
    name: string,
    wanted: (view: BridgeView | undefined) => boolean,
  ) => Promise<BridgeView | undefined>
}> {
  let replica: Replica
  const wake = new Set<() => void>()
  const watching = await server.connect()
  replica = await monitorSwitch(watching, (next) => {
    replica = next
    for (const check of wake) check()
  })
  const bridge = (
    name: string,
    wanted: (view: BridgeView | undefined) => boolean,
  ): Promise<BridgeView | undefined> =>
    new Promise((resolve) => {
      const check = (): void => {
        const view = bridgeView(replica, name)
        if (wanted(view)) resolve(view)
      }
      wake.add(check)
      check()
    })
  return { latest: () => replica, bridge }
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  )
}

describe('monitoring a real ovsdb-server', () => {
  test('starts with what is there', async () => {
    await initialise()
    await createBridge(client, { name: 'br-tun', datapathType: 'netdev' })
    await createBridge(client, { name: 'br-int' })
    await client.transact(addPort('br-int', 'tap-vm1', { ofport: 11 }))
    const { latest } = await watcher()
    expect(switchView(latest())).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      hostname: 'node-a.example.org',
      ovsVersion: '3.1.0',
      flowRestoreWait: false,
      tunnelIp: undefined,
      bridges: [
        { name: 'br-int', datapathType: '' },
        { name: 'br-tun', datapathType: 'netdev' },
      ],
    })
    expect(bridgeView(latest(), 'br-int')?.interfaces.map(({ name }) => name)).toEqual(['br-int', 'tap-vm1'])
    expect(bridgeView(latest(), 'br-tun')?.interfaces.map(({ name }) => name)).toEqual(['br-tun'])
  })

  test('starts with nothing on a database that was never initialised', async () => {
    const { latest } = await watcher()
    expect(switchView(latest())).toEqual({
      id: '',
      hostname: undefined,
      ovsVersion: undefined,
      flowRestoreWait: false,
      tunnelIp: undefined,
      bridges: [],
    })
  })

  test('sees a port come without an ofport, get one, fail, and go', async () => {
    await initialise()
    await createBridge(client, { name: 'br-int' })
    const { bridge } = await watcher()
    const tap = (view: BridgeView | undefined): BridgeView['interfaces'][number] | undefined =>
      view?.interfaces.find(({ name }) => name === 'tap-vm1')

    await client.transact(addPort('br-int', 'tap-vm1'))
    expect(tap(await bridge('br-int', (view) => tap(view) !== undefined))).toMatchObject({
      ofport: undefined,
    })

    await client.transact([setInterface('tap-vm1', { ofport: 11 })])
    expect(tap(await bridge('br-int', (view) => tap(view)?.ofport !== undefined))).toMatchObject({
      ofport: 11,
    })

    await client.transact([
      setInterface('tap-vm1', { ofport: -1, error: 'could not open network device tap-vm1' }),
    ])
    expect(tap(await bridge('br-int', (view) => tap(view)?.error !== undefined))).toMatchObject({
      ofport: undefined,
      error: 'could not open network device tap-vm1',
    })

    await client.transact([
      { op: 'update', table: 'Bridge', where: [['name', '==', 'br-int']], row: { ports: encodeSet([]) } },
    ])
    expect((await bridge('br-int', (view) => tap(view) === undefined))?.interfaces).toEqual([])
  })

  test('sees external_ids with no, one and many entries', async () => {
    await initialise()
    await createBridge(client, { name: 'br-int' })
    await client.transact(addPort('br-int', 'tap-vm1'))
    const { bridge, latest } = await watcher()
    const ids = (view: BridgeView | undefined): ReadonlyMap<string, string> | undefined =>
      view?.interfaces.find(({ name }) => name === 'tap-vm1')?.externalIds
    expect(ids(bridgeView(latest(), 'br-int'))).toEqual(new Map())
    const many = Array.from({ length: 50 }, (_, index) => [`key-${index}`, `värde "${index}" }]`] as const)
    for (const entries of [[['iface-id', 'vm1'] as const], many]) {
      await client.transact([setInterface('tap-vm1', { external_ids: encodeTextMap(entries) })])
      const view = await bridge('br-int', (now) => ids(now)?.size === entries.length)
      expect(ids(view)).toEqual(new Map(entries))
    }
  })

  test('sees a bridge go', async () => {
    await initialise()
    await createBridge(client, { name: 'br-int' })
    const { bridge, latest } = await watcher()
    await client.transact([
      { op: 'update', table: 'Open_vSwitch', where: [], row: { bridges: encodeSet([]) } },
    ])
    expect(await bridge('br-int', (view) => view === undefined)).toBeUndefined()
    expect(latest().Interface.size).toBe(0)
  })

  test('reads a first reply of several hundred kilobytes', async () => {
    await initialise()
    await createBridge(client, { name: 'br-int' })
    const note = 'ü'.repeat(500)
    for (let index = 0; index < 400; index++) {
      const row = { ofport: index + 1, external_ids: encodeTextMap([['note', note]]) }
      await client.transact(addPort('br-int', `tap-${index}`, row))
    }
    const { latest } = await watcher()
    const interfaces = bridgeView(latest(), 'br-int')?.interfaces ?? []
    expect(interfaces).toHaveLength(401)
    expect(interfaces.filter(({ externalIds }) => externalIds.get('note') === note)).toHaveLength(400)
  })
})

describe('creating a bridge', () => {
  test('makes a secure bridge with its internal port', async () => {
    await initialise()
    expect(await createBridge(client, { name: 'br-int', datapathType: 'netdev' })).toBe('created')
    const { latest } = await watcher()
    expect(bridgeView(latest(), 'br-int')).toMatchObject({
      datapathType: 'netdev',
      failMode: 'secure',
      interfaces: [{ name: 'br-int', type: 'internal' }],
    })
  })

  test('asks the switch to look: next_cfg goes up by one', async () => {
    await initialise()
    await createBridge(client, { name: 'br-int' })
    const [result] = await client.transact([
      { op: 'select', table: 'Open_vSwitch', where: [], columns: ['next_cfg'] },
    ])
    expect(result).toEqual({ rows: [{ next_cfg: 1 }] })
  })

  test('leaves a bridge that exists as it is', async () => {
    await initialise()
    await createBridge(client, { name: 'br-int', datapathType: 'netdev' })
    await client.transact([
      { op: 'update', table: 'Bridge', where: [['name', '==', 'br-int']], row: { fail_mode: 'standalone' } },
    ])
    expect(await createBridge(client, { name: 'br-int', datapathType: 'system' })).toBe('exists')
    const { latest } = await watcher()
    expect(bridgeView(latest(), 'br-int')).toMatchObject({ datapathType: 'netdev', failMode: 'standalone' })
  })

  test('by two at once makes one', async () => {
    await initialise()
    const other = await server.connect()
    const outcomes = await Promise.all([client, other].map((each) => createBridge(each, { name: 'br-int' })))
    expect(outcomes.sort()).toEqual(['created', 'exists'])
  })

  test('fails when a port of another bridge has the name', async () => {
    await initialise()
    await createBridge(client, { name: 'br-ex' })
    await client.transact(addPort('br-ex', 'br-int'))
    expect(await failureOf(createBridge(client, { name: 'br-int' }))).toMatchObject({
      code: 'OVSDB_ERROR',
      message: expect.stringContaining('constraint violation'),
    })
  })

  test('fails with a remedy on a database that was never initialised', async () => {
    expect(await failureOf(createBridge(client, { name: 'br-int' }))).toMatchObject({
      code: 'OVSDB_ERROR',
      remedy: expect.stringContaining('init'),
    })
  })
})

describe("writing a bridge's external_ids", () => {
  test('sets the given keys, new or not, and leaves the others alone', async () => {
    await initialise()
    await createBridge(client, { name: 'br-int' })
    const { bridge, latest } = await watcher()
    const { uuid } = bridgeView(latest(), 'br-int')!
    await client.transact([
      {
        op: 'update',
        table: 'Bridge',
        where: [['name', '==', 'br-int']],
        row: {
          external_ids: encodeTextMap([
            ['theirs', 'stays'],
            ['revision', 'old'],
          ]),
        },
      },
    ])
    await writeBridgeExternalIds(client, uuid, { revision: 'new', counts: '{"Port":2}' })
    const view = await bridge('br-int', (now) => now?.externalIds.get('revision') === 'new')
    expect(view?.externalIds).toEqual(
      new Map([
        ['theirs', 'stays'],
        ['revision', 'new'],
        ['counts', '{"Port":2}'],
      ]),
    )
  })

  test('fails when the bridge is gone', async () => {
    await initialise()
    await createBridge(client, { name: 'br-int' })
    const { latest } = await watcher()
    const { uuid } = bridgeView(latest(), 'br-int')!
    await client.transact([
      { op: 'update', table: 'Open_vSwitch', where: [], row: { bridges: encodeSet([]) } },
    ])
    expect(await failureOf(writeBridgeExternalIds(client, uuid, { revision: 'x' }))).toMatchObject({
      code: 'OVSDB_ERROR',
      message: expect.stringContaining(uuid),
    })
  })
})

describe('what a real ovsdb-server refuses', () => {
  test('a constraint violation of an operation names the operation', async () => {
    const insert: Operation = { op: 'insert', table: 'Bridge', row: { fail_mode: 'open' } }
    expect(await failureOf(client.transact([insert]))).toMatchObject({
      code: 'OVSDB_ERROR',
      message: expect.stringMatching(/refused "insert" on table Bridge: constraint violation: /),
    })
  })

  test('a constraint violation of the commit comes with its details, and nothing is stored', async () => {
    await initialise()
    const second: Operation = { op: 'insert', table: 'Open_vSwitch', row: {} }
    expect(await failureOf(client.transact([second]))).toMatchObject({
      code: 'OVSDB_ERROR',
      message: expect.stringMatching(/refused to commit a transaction: constraint violation: .*Open_vSwitch/),
    })
    const [result] = await client.transact([
      { op: 'select', table: 'Open_vSwitch', where: [], columns: ['_uuid'] },
    ])
    expect(result?.rows).toHaveLength(1)
  })

  test('an unknown method and an unknown table', async () => {
    expect(await failureOf(client.request('dance', []))).toMatchObject({
      code: 'OVSDB_ERROR',
      message: expect.stringContaining('"dance"'),
    })
    expect(await failureOf(client.transact([{ op: 'delete', table: 'Nothing', where: [] }]))).toMatchObject({
      code: 'OVSDB_ERROR',
    })
  })
})

describe('the end of a connection', () => {
  test('rejects what is in progress when the server dies, and says so once', async () => {
    server.freeze()
    const pending = [client.request('echo', []), client.transact([])].map(failureOf)
    await server.kill()
    for (const error of await Promise.all(pending)) {
      expect(error).toMatchObject({
        code: 'OVSDB_UNREACHABLE',
        message: expect.stringContaining('ended'),
      })
    }
    expect(await client.closed).toMatchObject({ code: 'OVSDB_UNREACHABLE' })
    expect(await failureOf(client.request('echo', []))).toMatchObject({ code: 'OVSDB_UNREACHABLE' })
  })

  test('a server that does not answer costs a request its timeout, no more', async () => {
    server.freeze()
    expect(await failureOf(client.request('echo', [], 100))).toMatchObject({
      code: 'OVSDB_UNREACHABLE',
      message: expect.stringContaining('within 100 ms'),
    })
  })

  test('does not come to an idle tcp connection that the server probes', async () => {
    await client.transact([
      {
        op: 'insert',
        table: 'Manager',
        'uuid-name': 'tcp',
        row: { target: 'ptcp:0:127.0.0.1', inactivity_probe: 1000 },
      },
      { op: 'insert', table: 'Open_vSwitch', row: { manager_options: encodeNamedUuid('tcp') } },
    ])
    const overTcp = await OvsdbClient.connect(parseEndpoint(`tcp:127.0.0.1:${await boundPort()}`), {
      timeoutMs: 2000,
    })
    let ended = false
    void overTcp.closed.then(() => (ended = true))
    await sleep(3500) // the server would hang up after two unanswered seconds
    expect(ended).toBe(false)
    expect(await overTcp.request('echo', ['still here'])).toEqual(['still here'])
    overTcp.close()
  }, 15_000)
})

/** The server writes the port it chose into Manager.status within a few seconds. */
async function boundPort(): Promise<string> {
  for (;;) {
    const [result] = await client.transact([
      { op: 'select', table: 'Manager', where: [], columns: ['status'] },
    ])
    const port = /"bound_port","([0-9]+)"/.exec(JSON.stringify(result))?.[1]
    if (port !== undefined) return port
    await sleep(100)
  }
}

describe('connecting', () => {
  const connect = (text: string): Promise<unknown> =>
    failureOf(OvsdbClient.connect(parseEndpoint(text), { timeoutMs: 2000 }))

  test('to a socket that is not there says so and what to do', async () => {
    const path = join(tmpdir(), 'no-such-folder', 'db.sock')
    expect(await connect(`unix:${path}`)).toMatchObject({
      code: 'OVSDB_UNREACHABLE',
      message: `Cannot connect to ovsdb-server at unix:${path}: no such socket.`,
      remedy:
        'Is ovsdb-server running? Say where its socket is with --ovsdb, --node NAME=unix:PATH or OVS_RUNDIR.',
    })
  })

  test('to the socket of a server that died says that nothing listens', async () => {
    await server.kill()
    expect(await failureOf(OvsdbClient.connect(server.endpoint, { timeoutMs: 2000 }))).toMatchObject({
      code: 'OVSDB_UNREACHABLE',
      message: expect.stringContaining('nothing listens there'),
    })
  })
})
