// The tunnel bridge on a real Open vSwitch: made in one transaction, left alone where it is right, repaired where it is not.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { join } from 'node:path'
import { OvsdbClient } from '../../src/ovsdb/client.js'
import { monitorSwitch } from '../../src/ovsdb/monitor.js'
import { ensureTunnelBridge, type TunnelBridgeChange } from '../../src/ovsdb/tunnel-bridge.js'
import { createLab, type Lab } from '../support/lab.js'
import { waitFor } from '../support/wait.js'

let lab: Lab

beforeAll(async () => {
  lab = await createLab()
})
afterAll(() => lab.destroy())
beforeEach(() => lab.addBridge('br-int'))
afterEach(async () => {
  const bridges = (await lab.vsctl('list-br')).split('\n')
  await lab.vsctl(...bridges.flatMap((name) => ['--', '--if-exists', 'del-br', name]))
})

async function ensure(
  encapsulation: 'geneve' | 'vxlan' | 'gre' = 'geneve',
): Promise<readonly TunnelBridgeChange[]> {
  const endpoint = { kind: 'unix', path: join(lab.runDir, 'db.sock') } as const
  const client = await OvsdbClient.connect(endpoint, { timeoutMs: 5_000 })
  try {
    const replica = await monitorSwitch(client, () => undefined)
    return await ensureTunnelBridge(client, replica, { integrationBridge: 'br-int', encapsulation })
  } finally {
    client.close()
  }
}

const get = (table: string, name: string, column: string): Promise<string> =>
  lab.vsctl('get', table, name, column)

async function ofportsAreThere(): Promise<void> {
  for (const name of ['patch-tun', 'patch-int', 'tun'])
    await waitFor(async () => /^[1-9]/.test(await get('Interface', name, 'ofport')))
}

describe('a tunnel bridge', () => {
  test('is made with its ports, which work, and a second look finds nothing to do', async () => {
    expect(await ensure()).toHaveLength(4)
    await ofportsAreThere()
    expect(await get('Bridge', 'br-tun', 'fail_mode')).toBe('secure')
    expect(await get('Bridge', 'br-tun', 'datapath_type')).toBe('netdev')
    expect(await get('Interface', 'tun', 'options')).toBe('{key=flow, remote_ip=flow}')
    expect(await get('Interface', 'tun', 'error')).toBe('[]')
    expect(await lab.vsctl('list-ports', 'br-tun')).toBe('patch-int\ntun')
    expect(await ensure()).toEqual([])
  })

  test.each(['vxlan', 'gre'] as const)(
    'becomes one of %s when the manifests say so',
    async (encapsulation) => {
      await ensure()
      await ofportsAreThere()
      expect(await ensure(encapsulation)).toHaveLength(1)
      await waitFor(async () => (await lab.appctl('ofproto/list-tunnels')).includes(`(${encapsulation}:`))
      await ofportsAreThere()
      expect(await get('Interface', 'tun', 'error')).toBe('[]')
    },
  )

  test('gets back a port that was deleted, and a peer that was changed', async () => {
    await ensure()
    await lab.vsctl('del-port', 'br-int', 'patch-tun')
    await lab.vsctl('set', 'Interface', 'patch-int', 'options:peer=nobody', 'options:more=1')
    expect(await ensure()).toHaveLength(2)
    await ofportsAreThere()
    expect(await get('Interface', 'patch-int', 'options')).toBe('{peer=patch-tun}')
    expect(await ensure()).toEqual([])
  })

  test('is not made where another bridge has a port of a name of its own, and nothing is changed', async () => {
    await lab.addBridge('br-ex')
    await lab.vsctl('add-port', 'br-ex', 'tun', '--', 'set', 'Interface', 'tun', 'type=internal')
    await expect(ensure()).rejects.toMatchObject({ code: 'PORT_TAKEN' })
    expect(await lab.vsctl('list-br')).toBe('br-ex\nbr-int')
    expect(await lab.vsctl('list-ports', 'br-int')).toBe('')
  })
})
