import { expect, test } from '@jest/globals'
import { TUNNEL_FEATURES } from '../../../src/features/index.js'
import { compileModel } from '../../../src/compile/compiler.js'
import type { DesiredFlows } from '../../../src/compile/desired.js'
import { flowInstructions } from '../../../src/openflow/flow.js'
import { blindHold } from '../../../src/reconcile/guarded-pass.js'
import { holdRemote } from '../../../src/reconcile/hold-remote.js'
import type { Topology } from '../../../src/topology/topology.js'
import { objectHash } from '../../../src/values/hash.js'
import type { Hex } from '../../../src/values/hex.js'
import { exampleManifests, topologyOn, TUNNEL_INTERFACES } from '../../support/networks.js'

const manifests = exampleManifests('three-nodes')
const LOCAL = ['web-1', 'db-1']

/** No port says where it is. */
const hostless = { ...manifests, ports: manifests.ports.map((port) => ({ ...port, host: undefined })) }

function known(): Topology {
  return topologyOn(manifests, 'node-a', LOCAL, { tunnelInterfaces: TUNNEL_INTERFACES })
}

/** As after a start with etcd away: nobody says where the others' ports are. */
function blind(): Topology {
  const cluster = { bindings: new Map(), tunnelIps: new Map() }
  return topologyOn(hostless, 'node-a', LOCAL, { tunnelInterfaces: TUNNEL_INTERFACES, cluster })
}

const textsOf = (flows: DesiredFlows) =>
  new Map([...flows].map(([key, { flow }]) => [key, flowInstructions(flow)]))
const installed = (flows: DesiredFlows) => [...flows.values()].map(({ flow }) => flow)

test.each([
  ['br-int', undefined],
  ['br-tun', TUNNEL_FEATURES],
])('what leads to other nodes stays on %s', (_, features) => {
  const before = compileModel(known(), new Map(), features)
  const after = compileModel(blind(), new Map(), features)
  expect(after.size).toBeLessThan(before.size)
  expect(textsOf(holdRemote(after, installed(before), hostless.ports))).toEqual(textsOf(before))
})

test('a port that is gone from here is not kept, and one that has come is reached here', () => {
  const before = compileModel(known())
  const moved = topologyOn(hostless, 'node-a', ['web-1', 'web-2'], {
    tunnelInterfaces: TUNNEL_INTERFACES,
    cluster: { bindings: new Map(), tunnelIps: new Map() },
  })
  const desired = compileModel(moved)
  const held = holdRemote(desired, installed(before), hostless.ports)
  const isGroup = (key: string) => key.startsWith('55/10/')
  for (const [key, { flow }] of desired) if (!isGroup(key)) expect(held.get(key)?.flow).toBe(flow)
  const gone = [...before.keys()].filter((key) => key.includes('in_port') && !desired.has(key))
  expect(gone.length).toBeGreaterThan(0)
  expect(gone.filter((key) => held.has(key))).toEqual([])
})

/** As soon after a start some have been heard, and others may be about to speak. */
function heldOnBrTun(bindings: ReadonlyMap<string, string>) {
  const cluster = { bindings, tunnelIps: new Map() }
  const topology = topologyOn(hostless, 'node-a', LOCAL, { tunnelInterfaces: TUNNEL_INTERFACES, cluster })
  const before = compileModel(known(), new Map(), TUNNEL_FEATURES)
  const after = compileModel(topology, new Map(), TUNNEL_FEATURES)
  const hold = blindHold({ topology, hold: (desired) => ({ desired, held: undefined }) }, cluster)
  return { before, after, held: hold(after, installed(before)).desired }
}

test('while node-b is heard and node-c not yet, broadcasts go to both', () => {
  const ofNodeB = manifests.ports.filter(({ host }) => host === 'node-b').map(({ name }) => name)
  const { before, after, held } = heldOnBrTun(new Map(ofNodeB.map((name) => [name, 'node-b'])))
  const groups = (flows: DesiredFlows) => [...textsOf(flows)].filter(([key]) => key.startsWith('20/10/'))
  expect(groups(after)).not.toEqual(groups(before))
  expect(textsOf(held)).toEqual(textsOf(before))
})

test('the group flow of a network whose segmentation id another one has now is not held', () => {
  const ofNodeB = manifests.ports.filter(({ host }) => host === 'node-b').map(({ name }) => name)
  const { before, after } = heldOnBrTun(new Map(ofNodeB.map((name) => [name, 'node-b'])))
  const otherNetwork = '0123456789'
  const taken = installed(before)
    .filter((flow) => flow.tableId === 20 && flow.priority === 10)
    .map((flow) => ({ ...flow, cookie: `${flow.cookie.slice(0, -10)}${otherNetwork}` as Hex }))
  expect(taken.length).toBeGreaterThan(0)
  expect(holdRemote(after, taken, hostless.ports)).toBe(after)
})

test('where all are heard, nothing is left', () => {
  const nodeOf = new Map(manifests.ports.map(({ name, host }) => [name, host ?? '']))
  const { after, held } = heldOnBrTun(nodeOf)
  expect(held).toBe(after)
  const topology = topologyOn(manifests, 'node-a', LOCAL, { tunnelInterfaces: TUNNEL_INTERFACES })
  const desired = compileModel(topology, new Map(), TUNNEL_FEATURES)
  expect(holdRemote(desired, installed(desired), hostless.ports)).toBe(desired)
})

test('what leads to a port that is heard of at another node goes at once', () => {
  const { before, held } = heldOnBrTun(new Map([['web-2', 'node-c']]))
  const senders = (flows: DesiredFlows) =>
    [...flows.values()].filter(({ key, flow }) => key.startsWith('10/') && ofPort(flow, 'web-2'))
  expect(senders(before)).toHaveLength(1)
  expect(senders(held)).toHaveLength(1)
  expect(senders(held)[0]?.key).not.toBe(senders(before)[0]?.key)
})

const ofPort = ({ cookie }: { readonly cookie: string }, name: string): boolean =>
  cookie.endsWith(objectHash('Port', name))

test('what is of a port whose host the manifests say, or which they have no more, goes', () => {
  const before = compileModel(known())
  const desired = compileModel(blind())
  expect(holdRemote(desired, installed(before), manifests.ports)).toBe(desired)
  const without = hostless.ports.filter(({ name }) => name !== 'web-2')
  const held = holdRemote(desired, installed(before), without)
  const flowsOf = (name: string) => [...held.values()].filter(({ flow }) => ofPort(flow, name))
  expect(flowsOf('web-2')).toEqual([])
  expect(flowsOf('db-2').length).toBeGreaterThan(0)
})
