import { expect, test } from '@jest/globals'
import { compileModel } from '../../../src/compile/compiler.js'
import type { DesiredFlow } from '../../../src/compile/desired.js'
import { ReconcileError } from '../../../src/errors/error.js'
import { parseManifests } from '../../../src/manifest/parse.js'
import { plainStore } from '../../../src/manifest/store.js'
import {
  type Condition,
  type ConditionType,
  hasToSay,
  type StatusTable,
} from '../../../src/status/condition.js'
import { conditionsOf } from '../../../src/status/conditions.js'
import { type Knowledge, NOTHING_OUTSTANDING } from '../../../src/status/knowledge.js'
import { indexProblems } from '../../../src/status/problems.js'
import { phaseOf, summaryOf } from '../../../src/status/summary.js'
import { flowOfText, manifestsOf, network, node, plugged, port, subnet } from '../../support/networks.js'
import { packedStore } from '../../support/stores.js'
import { buildTopology } from '../../../src/topology/topology.js'

const manifests = manifestsOf(
  network('net1', 100),
  port('here', 'net1', { interface: 'tap-here', macAddress: 'fa:16:3e:00:00:01' }),
  port('there', 'net1', { interface: 'tap-there', host: 'node-b' }),
  port('unplugged', 'net1', { interface: 'tap-unplugged' }),
  port('broken', 'net1', { interface: 'tap-broken' }),
  node('node-a', '192.0.2.1'),
  node('node-b', '192.0.2.2'),
)
const interfaces = [
  plugged('tap-here', 11),
  plugged('tap-broken', undefined, { error: 'could not open network device' }),
]
const topology = buildTopology({ manifests, node: 'node-a', interfaces })
const good = { store: plainStore(manifests), revision: 'r1' }

const NOW = '2026-01-01T00:00:00.000Z'
const LATER = '2026-01-01T00:00:10.000Z'

/** What a daemon knows after a pass. */
const AGREED: Knowledge = {
  ...{ bridge: 'br-int', pid: 1, good, applied: 'r1', needed: manifests, topology },
  reading: { revision: 'r1', problems: [], seen: [] },
  connection: 'working',
  suspension: undefined,
  pass: { good, gone: [], held: undefined, warnings: [] },
  failure: undefined,
  outstanding: NOTHING_OUTSTANDING,
  contended: [],
  refused: [],
}

function tableOf(knowledge: Knowledge, previous?: StatusTable, now = NOW): StatusTable {
  return conditionsOf(knowledge, indexProblems(knowledge.reading), previous, now)
}

/** `True Plugged: it is port 11` */
function text(table: StatusTable, key: string, type: ConditionType): string | undefined {
  const found = conditionIn(table, key, type)
  return found && `${found.status} ${found.reason}: ${found.message}`
}

function conditionIn(table: StatusTable, key: string, type: ConditionType): Condition | undefined {
  return table.rows.get(key)?.conditions.find((condition) => condition.type === type)
}

/** The wanted flow that puts what comes in by port 11 into its network. */
function flowOfHere(): DesiredFlow {
  const flows = [...compileModel(topology).values()]
  const found = flows.find(({ reasons }) => reasons.some(({ owner }) => owner?.name === 'here'))
  if (!found) throw new Error('port "here" has no flow')
  return found
}

test('after a pass every object has the conditions of its kind', () => {
  const table = tableOf(AGREED)
  expect([...table.rows.keys()].sort()).toEqual(
    ['Network/net1', 'Node/node-a', 'Node/node-b']
      .concat(['Port/broken', 'Port/here', 'Port/there', 'Port/unplugged'])
      .sort(),
  )
  const typesOf = (key: string) => table.rows.get(key)?.conditions.map(({ type }) => type)
  expect(typesOf('Node/node-a')).toEqual(['Valid', 'Resolved'])
  expect(typesOf('Network/net1')).toEqual(['Valid', 'Resolved', 'Programmed'])
  expect(typesOf('Port/here')).toEqual(['Valid', 'Resolved', 'Bound', 'Programmed'])
  expect(table.rows.get('Port/here')).toMatchObject({ at: 'net.yaml:2:67', revision: 'r1', ready: 'True' })
  expect(conditionIn(table, 'Port/here', 'Valid')?.lastTransitionTime).toBe(NOW)
})

test.each([
  ['here', 'True', 'True Plugged: it is port 11'],
  ['there', 'True', 'Unknown Elsewhere: it is on node node-b'],
  [
    'unplugged',
    'False',
    'False NotPlugged: interface tap-unplugged is not plugged in here, and no node is told to have the port',
  ],
  [
    'broken',
    'False',
    'False NoDevice: interface tap-broken has no port number yet: could not open network device',
  ],
])('port "%s" is ready: %s, as it is bound: %s', (name, ready, bound) => {
  const table = tableOf(AGREED)
  expect(text(table, `Port/${name}`, 'Bound')).toBe(bound)
  expect(table.rows.get(`Port/${name}`)?.ready).toBe(ready)
})

test('an interface that says another MAC address is bound, with a word of warning', () => {
  const other = plugged('tap-here', 11, { attachedMac: 'fa:16:3e:00:00:99' })
  const table = tableOf({
    ...AGREED,
    topology: buildTopology({ manifests, node: 'node-a', interfaces: [other] }),
  })
  expect(conditionIn(table, 'Port/here', 'Bound')).toMatchObject({ status: 'True', reason: 'MacDiffers' })
  expect(conditionIn(table, 'Port/here', 'Bound')?.remedy).toContain('MAC')
})

const conflict = { desired: flowOfHere(), installed: flowOfText('cookie=0x5,table=0,actions=drop') }
const left = { kind: 'add', desired: flowOfHere() } as const
const error = new ReconcileError('FLOW_REFUSED', 'No.', { remedy: 'Use another switch.' })
const held = { objects: new Map([['Port', 2]]), names: ['Port x'], blocks: 'everything' } as const
const suspension = { since: NOW, reason: 'a drill' }

test.each<[string, Partial<Knowledge>, string, string]>([
  ['nothing is wrong', {}, 'True Programmed', 'Degraded'], // as port "broken" has no device
  [
    'a foreign flow stands in the way',
    { outstanding: { conflicts: [conflict], left: [] } },
    'False ForeignFlow',
    'Degraded',
  ],
  [
    'the drift policy leaves a flow',
    { outstanding: { conflicts: [], left: [left] } },
    'False DriftLeft',
    'Degraded',
  ],
  ['another program fights', { contended: [flowOfHere()] }, 'False Contended', 'Degraded'],
  [
    'the switch refused its flows',
    { refused: [{ owner: { kind: 'Port', name: 'here' }, error }] },
    'False Refused',
    'Degraded',
  ],
  [
    'the pass failed',
    { failure: { reason: 'NotVerified', message: 'No.' } },
    'Unknown PassFailed',
    'Degraded',
  ],
  [
    'the pass failed because of it',
    {
      failure: {
        reason: 'FlowRefused',
        message: 'No.',
        at: manifests.ports.find((p) => p.name === 'here')!.at,
      },
    },
    'False FlowRefused',
    'Degraded',
  ],
  ['no pass was made', { pass: undefined }, 'Unknown Pending', 'Degraded'],
  ['everything is held', { pass: { ...AGREED.pass!, held } }, 'Unknown Held', 'Held'],
  ['the bridge is suspended', { suspension }, 'Unknown Suspended', 'Suspended'],
  ['the switch is away', { connection: 'disconnected' }, 'Unknown Disconnected', 'Disconnected'],
  ['another one works', { connection: 'standing-by' }, 'Unknown StandingBy', 'StandingBy'],
])('when %s, a port that is plugged says so', (_, knowledge, expected, phase) => {
  const known = { ...AGREED, ...knowledge }
  expect(text(tableOf(known), 'Port/here', 'Programmed')).toMatch(new RegExp(`^${expected}: `))
  expect(phaseOf(known).phase).toBe(phase)
})

test('only the objects of a flow are in trouble by it', () => {
  const table = tableOf({ ...AGREED, outstanding: { conflicts: [conflict], left: [] } })
  expect(conditionIn(table, 'Port/here', 'Programmed')?.message).toContain('cookie=0x5')
  expect(text(table, 'Network/net1', 'Programmed')).toMatch(/^True/)
})

test('a phase is OutOfSync while a pass is due or flows are left as others made them, else Synced', () => {
  const plain = {
    ...AGREED,
    topology: buildTopology({ manifests, node: 'node-a', interfaces: [interfaces[0]!] }),
  }
  expect(phaseOf(plain).phase).toBe('Synced') // ports that are not plugged are nobody's fault
  expect(phaseOf({ ...plain, pass: undefined }).phase).toBe('OutOfSync')
  expect(phaseOf({ ...plain, good: { ...good } }).phase).toBe('OutOfSync')
  expect(phaseOf({ ...plain, outstanding: { conflicts: [], left: [left] } }).phase).toBe('OutOfSync')
  expect(phaseOf({ ...plain, contended: [flowOfHere()] }).phase).toBe('OutOfSync')
})

test('an object whose deletion is held is still there, and says so', () => {
  const needed = { ...manifests, ports: manifests.ports.slice(1) }
  const fewer = { store: plainStore(needed), revision: 'r2' }
  const gone = manifests.ports.slice(0, 1)
  const pass = { good: fewer, gone, held: { ...held, blocks: 'nothing' as const }, warnings: [] }
  const table = tableOf({ ...AGREED, good: fewer, needed, pass })
  expect(text(table, 'Port/broken', 'Valid')).toMatch(/^Unknown Gone/)
  expect(text(table, 'Port/broken', 'Programmed')).toMatch(/^False DeletionHeld/)
  expect(text(table, 'Port/here', 'Programmed')).toMatch(/^True/)
})

test('a time is that of the last change of status; what has not changed is the same record', () => {
  const first = tableOf(AGREED)
  const second = tableOf({ ...AGREED, contended: [flowOfHere()] }, first, LATER)
  expect(conditionIn(second, 'Port/here', 'Programmed')?.lastTransitionTime).toBe(LATER)
  expect(conditionIn(second, 'Port/here', 'Bound')).toBe(conditionIn(first, 'Port/here', 'Bound'))
  const third = tableOf(
    { ...AGREED, outstanding: { conflicts: [conflict], left: [] } },
    second,
    'later still',
  )
  expect(conditionIn(third, 'Port/here', 'Programmed')).toMatchObject({
    reason: 'ForeignFlow',
    lastTransitionTime: LATER,
  })
})

/** Each document in a line of its own. */
function readingOf(...documents: readonly object[]) {
  const texts = documents.map((document) => JSON.stringify({ apiVersion: 'reconcile/v1', ...document }))
  const { problems, seen } = parseManifests([{ path: 'net.yaml', text: texts.join('\n--- ') }])
  return { revision: 'r2', problems, seen }
}

const BAD = {
  ...AGREED,
  reading: readingOf(
    network('net1', 100),
    port('here', 'nett1'),
    { kind: 'Port', metadata: { name: 'new' }, spec: { network: 'net1', colour: 'red' } },
    port('unplugged', 'net1', { interface: 'tap-unplugged' }),
  ),
}

test('problems belong to the objects in whose lines they are; the last good set stays', () => {
  const table = tableOf(BAD)
  expect(text(table, 'Port/here', 'Resolved')).toMatch(
    /^False UnresolvedReference: net\.yaml:2:\d+ port "here" refers to network "nett1"/,
  )
  expect(text(table, 'Port/here', 'Valid')).toMatch(/^True/)
  expect(text(table, 'Port/here', 'Programmed')).toMatch(/^True/)
  expect(text(table, 'Port/new', 'Valid')).toMatch(/^False UnknownField: net\.yaml:3:/)
  expect(text(table, 'Port/new', 'Programmed')).toMatch(/^False NotTaken/)
  expect(text(table, 'Port/unplugged', 'Valid')).toMatch(/^True/)
  expect(text(table, 'Port/broken', 'Valid')).toMatch(/^Unknown NotFound/)
  expect([table.rows.get('Port/new')?.revision, table.rows.get('Port/here')?.revision]).toEqual(['r2', 'r1'])
})

test('the summary counts, and lists each problem with its object', () => {
  const { all } = indexProblems(BAD.reading)
  const summary = summaryOf(BAD, tableOf(BAD), all, NOW)
  expect(summary).toMatchObject({
    phase: 'Invalid',
    message: '2 problems in the manifests; the last good revision stays programmed',
    revision: { wanted: 'r2', applied: 'r1' },
  })
  expect(summary.problems.map(({ object }) => object)).toEqual(['Port/here', 'Port/new'])
  const { objects, ready, notReady, unknown } = summary.counts
  expect(ready + notReady + unknown).toBe(objects)
})

test('manifests that were never good are Invalid, also without a connection', () => {
  const known = { ...BAD, good: undefined, pass: undefined, connection: 'disconnected' as const }
  expect(phaseOf(known)).toMatchObject({ phase: 'Invalid', message: expect.stringContaining('waiting') })
  expect(text(tableOf(known), 'Port/here', 'Programmed')).toMatch(/^False NotTaken/)
})

/** Beside it a network that is on the other node alone, and one whose port is meant to be here and is not plugged in. */
const SITE = manifestsOf(
  network('net1', 100),
  port('here', 'net1', { interface: 'tap-here', macAddress: 'fa:16:3e:00:00:01' }),
  network('net2', 200),
  port('absent', 'net2', { host: 'node-a' }),
  network('net3', 300),
  subnet('sub3', 'net3', '10.3.0.0/24'),
  port('far', 'net3', { host: 'node-b' }),
  port('anywhere', 'net3'),
  node('node-a', '192.0.2.1'),
  node('node-b', '192.0.2.2'),
)

function siteKnowledge(more: Partial<Knowledge> = {}, store = plainStore(SITE)): Knowledge {
  const site = { store, revision: 'r1' }
  const needed = site.store.reach({ node: 'node-a', claims: new Set(['tap-here']) })
  return {
    ...AGREED,
    ...{ good: site, needed, pass: { good: site, gone: [], held: undefined, warnings: [] } },
    topology: buildTopology({ manifests: needed, node: 'node-a', interfaces: interfaces.slice(0, 1) }),
    ...more,
  }
}

/** `Port/far True: Valid Resolved Elsewhere NotNeeded` of all that no row is kept of. */
function othersIn({ others }: StatusTable): readonly string[] {
  return [...others.rows()].map(
    ({ kind, name, ready, conditions }) =>
      `${kind}/${name} ${ready}: ${conditions.map(({ reason }) => reason).join(' ')}`,
  )
}

test('of objects that no port of this node can reach nothing is kept; who asks is told that they are not needed', () => {
  const known = siteKnowledge()
  const table = tableOf(known)
  expect([...table.rows.keys()]).toEqual(
    ['Network/net1', 'Network/net2', 'Port/absent', 'Port/here'].concat(['Node/node-a', 'Node/node-b']),
  )
  expect(othersIn(table)).toEqual([
    'Network/net3 True: Parsed Resolved NotNeeded',
    'Subnet/sub3 True: Parsed Resolved NotNeeded',
    'Port/anywhere True: Parsed Resolved NotNeeded NotNeeded',
    'Port/far True: Parsed Resolved Elsewhere NotNeeded',
  ])
  expect([...table.others.rows()].flatMap(({ conditions }) => conditions).some(hasToSay)).toBe(false)
  expect(table.others).toMatchObject({ isQuiet: true, counts: { objects: 4, ready: 4, unknown: 0 } })
  expect(summaryOf(known, table, [], NOW).counts).toMatchObject({ objects: 10, notReady: 1, unknown: 0 })
})

test('of a port that no pass of this node has to do with, the node is the one that the cluster names now', () => {
  const on = (node: string) => ({
    cluster: { bindings: new Map([['anywhere', node]]), tunnelIps: new Map() },
  })
  const others = (more: Partial<Knowledge>) => [...tableOf(siteKnowledge(more)).others.rows()]
  const boundOf = (more: Partial<Knowledge>) =>
    others(more)
      .find(({ name }) => name === 'anywhere')
      ?.conditions.find(({ type }) => type === 'Bound')?.message
  expect(boundOf(on('node-b'))).toBe('it is on node node-b')
  expect(boundOf(on('node-c'))).toBe('it is on node node-c')
  expect(boundOf({})).toBe('no port of this node can reach it')
})

test('they are made for nobody but for whoever asks, and once for a reading that has problems', () => {
  const asked = packedStore(SITE)
  const known = siteKnowledge({}, asked.store)
  const table = tableOf(known)
  expect(summaryOf(known, table, [], NOW).counts.objects).toBe(10)
  expect(asked.unpacked).toBe(0)
  expect(othersIn(table)).toHaveLength(4)
  expect(asked.unpacked).toBe(1)
  const bad = { ...known, reading: readingOf(network('net1', 100), port('far', 'nett3')) }
  tableOf({ ...bad, contended: [flowOfHere()] }, tableOf(bad), LATER)
  expect(asked.unpacked).toBe(2)
})

test('a network of which a port is meant to be here and is not has no flows, and says so', () => {
  const table = tableOf(siteKnowledge())
  expect(text(table, 'Port/absent', 'Programmed')).toMatch(/^False NotBound/)
  expect(text(table, 'Network/net2', 'Programmed')).toMatch(/^Unknown NotNeeded/)
  expect(table.rows.get('Network/net2')?.ready).toBe('True')
  expect(text(table, 'Network/net1', 'Programmed')).toMatch(/^True Programmed/)
})

test.each<[string, Partial<Knowledge>, string]>([
  ['there is no connection', { connection: 'disconnected', topology: undefined }, 'Disconnected'],
  ['another one works', { connection: 'standing-by', topology: undefined }, 'StandingBy'],
  [
    'no pass has said what is needed here',
    { needed: undefined, pass: undefined, topology: undefined },
    'Pending',
  ],
])('where %s, nobody knows of any object', (_, more, reason) => {
  const table = tableOf(siteKnowledge(more))
  expect(table.others.isQuiet).toBe(false)
  const rows = [...table.others.rows()].filter(({ kind }) => kind !== 'Node')
  expect(rows.map(({ ready }) => ready)).toEqual(rows.map(() => 'Unknown'))
  expect(new Set(rows.map(({ conditions }) => conditions.at(-1)?.reason))).toEqual(new Set([reason]))
  const { objects, ready, unknown } = table.others.counts
  expect([objects, unknown]).toEqual([ready + unknown, rows.length])
})

test('a problem with an object that is not needed makes a row of it, and one that was not found is told', () => {
  const site = siteKnowledge()
  const reading = readingOf(
    ...SITE.networks.map(({ name, segmentationId }) => network(name, segmentationId)),
    ...[node('node-a', '192.0.2.1'), node('node-b', '192.0.2.2')],
    port('far', 'nett3', { host: 'node-b' }),
  )
  const table = tableOf({ ...site, reading })
  expect(text(table, 'Port/far', 'Resolved')).toMatch(/^False UnresolvedReference/)
  expect(text(table, 'Subnet/sub3', 'Valid')).toMatch(/^Unknown NotFound/)
  expect(othersIn(table)).toEqual(['Network/net3 True: Parsed Resolved NotNeeded'])
  const { objects, ready, notReady, unknown } = summaryOf(site, table, [], NOW).counts
  expect([objects, ready + notReady + unknown]).toEqual([10, 10])
})

test('the times of objects of which nothing is kept are those of the first table', () => {
  const first = tableOf(siteKnowledge())
  const [row] = [...tableOf(siteKnowledge(), first, LATER).others.rows()]
  expect(row?.conditions.map(({ lastTransitionTime }) => lastTransitionTime)).toEqual([NOW, NOW, NOW])
})
