// The connection against a real ovs-vswitchd: versions, requests, large transfers, and every way in which it ends.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { encode } from '../../src/openflow/codec.js'
import { connectOpenFlow, type OpenFlowConnection } from '../../src/openflow/connection.js'
import { OpenFlowError } from '../../src/openflow/connection-errors.js'
import { type Flow, flowKey } from '../../src/openflow/flow.js'
import { ATOMIC_ORDERED, BUNDLE_CONTROL } from '../../src/openflow/messages/bundle.js'
import { OPENFLOW_13, OPENFLOW_15 } from '../../src/openflow/version.js'
import { hexFromNumber } from '../../src/values/hex.js'
import { createLab, type Lab } from '../support/lab.js'
import { addOf, dumpOf, flowOf } from '../support/flow-text.js'

const FLOWS = 20_000

let lab: Lab

beforeAll(async () => {
  lab = await createLab()
  await lab.addBridge('br-int')
  await lab.addBridge('br-13', { protocols: 'OpenFlow13' })
  await lab.addBridge('br-10', { protocols: 'OpenFlow10' })
  await lab.addBridge('br-12', { protocols: 'OpenFlow10,OpenFlow12' })
})

afterAll(() => lab.destroy())

const open = (bridge: string, timeoutMs = 10_000): Promise<OpenFlowConnection> =>
  connectOpenFlow({ kind: 'unix', path: join(lab.runDir, `${bridge}.mgmt`) }, { timeoutMs })

/** The n-th of many flows that differ. */
function nthFlow(n: number): Flow {
  const address = [10, n >> 16, (n >> 8) & 0xff, n & 0xff].join('.')
  return {
    ...flowOf(`table=52,priority=20,ip,metadata=0x1f42,nw_dst=${address},actions=dec_ttl,output:11`),
    cookie: hexFromNumber(n, 8),
  }
}

async function signalSwitch(signal: NodeJS.Signals): Promise<void> {
  process.kill(Number(await readFile(join(lab.runDir, 'ovs-vswitchd.pid'), 'utf8')), signal)
}

/** Sends a flow-mod and gives the errors that came for it by the next barrier. */
async function errorsOf(connection: OpenFlowConnection, flow: Flow): Promise<readonly OpenFlowError[]> {
  const errors: OpenFlowError[] = []
  const xid = connection.nextXid()
  const forget = connection.watchErrors(xid, (error) => errors.push(error))
  connection.send(addOf(flow), xid)
  await connection.barrier()
  forget()
  return errors
}

describe.each([
  ['br-int', OPENFLOW_15, 'OpenFlow15'],
  ['br-13', OPENFLOW_13, 'OpenFlow13'],
] as const)('a connection to %s', (bridge, version, protocol) => {
  let connection: OpenFlowConnection

  beforeAll(async () => {
    connection = await open(bridge)
  })

  afterAll(() => connection.close())

  test('speaks the highest version that the bridge allows', () => {
    expect(connection.version).toBe(version)
  })

  test('learns the features of the bridge', async () => {
    const datapathId = await lab.vsctl('get', 'Bridge', bridge, 'datapath_id')
    const features = await connection.request({ type: 'features_request' })
    expect(features).toMatchObject({
      type: 'features_reply',
      datapathId: JSON.parse(datapathId) as string,
      tableCount: 254,
      bufferCount: 0,
    })
  })

  test('gets its echo back', async () => {
    const data = Buffer.from('are you there?')
    expect(await connection.request({ type: 'echo_request', data })).toEqual({ type: 'echo_reply', data })
  })

  test('passes a barrier', async () => {
    await connection.barrier()
  })

  test('hears why a flow is refused, by name', async () => {
    const flow = flowOf('table=5,nw_dst=10.0.0.1,actions=drop') // without the eth_type that an IPv4 address needs
    const [error] = await errorsOf(connection, flow)
    expect(error).toBeInstanceOf(OpenFlowError)
    expect(error).toMatchObject({ errorName: 'OFPBMC_BAD_PREREQ' })
    const missing = flowOf('table=5,actions=group:99')
    expect(await errorsOf(connection, missing)).toMatchObject([{ errorName: 'OFPBAC_BAD_OUT_GROUP' }])
    expect(await errorsOf(connection, flowOf('table=5,actions=drop'))).toEqual([])
  })

  test('hears why a request is refused', async () => {
    const discard = {
      type: 'bundle_control',
      bundleId: 99,
      control: BUNDLE_CONTROL.commit_request,
      flags: 3,
    } as const
    await expect(connection.request(discard)).rejects.toMatchObject({
      errorName: 'OFPBFC_BAD_ID',
    })
  })

  test(`applies a bundle of ${FLOWS} flows, and dumps them in parts`, async () => {
    const flows = Array.from({ length: FLOWS }, (_, n) => nthFlow(n))
    const bundle = { bundleId: 1, flags: ATOMIC_ORDERED }
    await connection.request({ type: 'bundle_control', ...bundle, control: BUNDLE_CONTROL.open_request })
    for (const flow of flows) {
      const xid = connection.nextXid()
      const message = encode(version, xid, addOf(flow))
      if (!connection.send({ type: 'bundle_add', ...bundle, message }, xid)) await connection.drained()
    }
    await connection.barrier()
    expect(await dumpOf(connection, 52)).toEqual([])
    await connection.request({ type: 'bundle_control', ...bundle, control: BUNDLE_CONTROL.commit_request })

    const dumped = await dumpOf(connection, 52)
    const identity = (flow: Flow): string => `${flow.cookie} ${flowKey(flow)}`
    expect(new Set(dumped.map(identity))).toEqual(new Set(flows.map(identity)))
    expect(dumped).toHaveLength(FLOWS)
    const text = await lab.ofctl('-O', protocol, 'dump-aggregate', bridge, 'table=52')
    expect(text).toContain(`flow_count=${FLOWS}`)
  })
})

test('a switch that does not read holds up the sender, and loses nothing', async () => {
  const connection = await open('br-int')
  await signalSwitch('SIGSTOP')
  let sent = 0
  try {
    let drained: Promise<string>
    // What the kernel's buffers take is drained at once; in the end they are full.
    do {
      while (connection.send(addOf({ ...nthFlow(sent), tableId: 60 }))) sent++
      sent++
      drained = connection.drained().then(() => 'drained')
    } while ((await Promise.race([drained, setTimeout(200, 'waiting')])) === 'drained' && sent < 1_000_000)
    expect(sent).toBeLessThan(1_000_000)
    await signalSwitch('SIGCONT')
    expect(await drained).toBe('drained')
  } finally {
    await signalSwitch('SIGCONT')
  }
  await connection.barrier()
  expect(await dumpOf(connection, 60)).toHaveLength(sent)
  connection.close()
})

describe('a bridge that allows other versions', () => {
  test.each([
    ['br-10', 'The bridge speaks OpenFlow 1.0, but not 1.5, 1.4 or 1.3.'],
    ['br-12', 'The bridge speaks OpenFlow 1.0, 1.2, but not 1.5, 1.4 or 1.3.'],
  ])('%s is refused with what to do about it', async (bridge, message) => {
    const remedy = expect.stringContaining('ovs-vsctl add bridge BRIDGE protocols OpenFlow15')
    await expect(open(bridge)).rejects.toMatchObject({ code: 'VERSION_MISMATCH', message, remedy })
  })

  test('is taken when the remedy has been followed', async () => {
    await lab.vsctl('add', 'bridge', 'br-10', 'protocols', 'OpenFlow15')
    const connection = await open('br-10')
    expect(connection.version).toBe(OPENFLOW_15)
    connection.close()
  })
})

describe('a switch that is not there', () => {
  test('because the bridge does not exist is unreachable', async () => {
    await expect(open('br-none')).rejects.toMatchObject({ code: 'SWITCH_UNREACHABLE' })
  })

  test('because it stands still does not answer in time', async () => {
    const connection = await open('br-int', 200)
    await signalSwitch('SIGSTOP')
    try {
      await expect(connection.barrier()).rejects.toMatchObject({ code: 'OPENFLOW_TIMEOUT' })
      await expect(open('br-int', 200)).rejects.toMatchObject({ code: 'OPENFLOW_TIMEOUT' })
    } finally {
      await signalSwitch('SIGCONT')
      connection.close()
    }
  })

  test('because it was killed while it was sent flows is a lost connection, and then unreachable', async () => {
    const connection = await open('br-int')
    const sending = (async () => {
      for (let n = 0; ; n = (n + 1) % FLOWS) {
        if (!connection.send(addOf(nthFlow(n)))) await connection.drained()
        await setImmediate() // so that the end is seen
      }
    })()
    const lost = expect(sending).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    await connection.request({ type: 'echo_request', data: Buffer.alloc(0) })
    await lab.stopSwitchd('SIGKILL')
    await lost
    await connection.closed
    await expect(connection.barrier()).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    await expect(open('br-int')).rejects.toMatchObject({ code: 'SWITCH_UNREACHABLE' })
    await lab.startSwitchd()
    const again = await open('br-int')
    expect(await dumpOf(again)).toEqual([])
    again.close()
  })
})
