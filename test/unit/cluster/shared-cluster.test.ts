import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Cluster } from '../../../src/cluster/cluster.js'
import { sharedCluster } from '../../../src/cluster/shared-cluster.js'
import { parseIpv4 } from '../../../src/values/ipv4.js'
import { waitFor } from '../../support/wait.js'

const NODES = ['node-a', 'node-b', 'node-c'] as const
type Name = (typeof NODES)[number]

let open: ReturnType<typeof sharedCluster>
let parts: ReadonlyMap<Name, Cluster>
/** How often each was told of a change. */
let told: Map<Name, number>

const join = (name: Name): Promise<Cluster> =>
  open({ node: name }, () => told.set(name, (told.get(name) ?? 0) + 1))

beforeEach(async () => {
  told = new Map()
  open = sharedCluster(NODES)
  parts = new Map(await Promise.all(NODES.map(async (name) => [name, await join(name)] as const)))
})
afterEach(async () => {
  for (const part of parts.values()) await part.close()
})

const part = (name: Name): Cluster => parts.get(name)!
const say = (name: Name, ports: readonly string[], tunnelIp?: string): void =>
  part(name).publish({ tunnelIp: parseIpv4(tunnelIp ?? ''), ports: new Set(ports) })
const holders = (name: Name) => Object.fromEntries(part(name).view.bindings)

describe('what the nodes of one process say', () => {
  test('is known to all, ports and tunnel addresses', () => {
    say('node-a', ['vm1'], '192.0.2.1')
    say('node-b', ['vm2'])
    for (const name of NODES) {
      expect(holders(name)).toEqual({ vm1: 'node-a', vm2: 'node-b' })
      expect([...part(name).view.tunnelIps]).toEqual([['node-a', parseIpv4('192.0.2.1')]])
    }
  })

  test('is told to each once for what comes at once, and not again when it is the same', async () => {
    say('node-a', ['vm1'])
    say('node-b', ['vm2'])
    await waitFor(() => told.size === 3)
    const view = part('node-c').view
    say('node-a', ['vm1'])
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect([...told.values()]).toEqual([1, 1, 1])
    expect(part('node-c').view).toBe(view)
  })

  test('is not complete before all have spoken, also those who have nothing', async () => {
    const connected = () => NODES.map((name) => part(name).state.connected)
    say('node-a', ['vm1'])
    say('node-b', [])
    expect(connected()).toEqual([false, false, false])
    await waitFor(() => told.get('node-a') === 1)
    say('node-c', [])
    expect(connected()).toEqual([true, true, true])
    await waitFor(() => told.get('node-a') === 2, { what: 'word of it' })
  })

  test('stays when a part is closed, and is replaced when it is opened again', async () => {
    say('node-a', ['vm1'])
    await part('node-a').close()
    expect(holders('node-b')).toEqual({ vm1: 'node-a' })
    ;(await join('node-a')).publish({ tunnelIp: undefined, ports: new Set(['vm2']) })
    expect(holders('node-b')).toEqual({ vm2: 'node-a' })
  })
})

describe('a port that several have', () => {
  test('is its first claimant’s, which the others are told', () => {
    say('node-b', ['vm1'])
    say('node-a', ['vm1', 'vm2'])
    expect(holders('node-c')).toEqual({ vm1: 'node-b', vm2: 'node-a' })
    expect([...part('node-a').state.conflicts]).toEqual([['vm1', 'node-b']])
    expect(part('node-b').state.conflicts.size).toBe(0)
  })

  test('goes to one who waits when it is released', () => {
    say('node-b', ['vm1'])
    say('node-a', ['vm1'])
    say('node-b', [])
    expect(holders('node-c')).toEqual({ vm1: 'node-a' })
    expect(part('node-a').state.conflicts.size).toBe(0)
  })
})
