import { expect, test } from '@jest/globals'
import { compileModel } from '../../../src/compile/compiler.js'
import type { DesiredFlow } from '../../../src/compile/desired.js'
import { ReconcileError } from '../../../src/errors/error.js'
import { parseManifests } from '../../../src/manifest/parse.js'
import type { Condition, ConditionType, StatusTable } from '../../../src/status/condition.js'
import { conditionsOf } from '../../../src/status/conditions.js'
import { type Knowledge, NOTHING_OUTSTANDING } from '../../../src/status/knowledge.js'
import { indexProblems } from '../../../src/status/problems.js'
import { phaseOf, summaryOf } from '../../../src/status/summary.js'
import { flowOfText, manifestsOf, network, node, plugged, port } from '../../support/networks.js'
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
const good = { manifests, revision: 'r1' }

const NOW = '2026-01-01T00:00:00.000Z'
const LATER = '2026-01-01T00:00:10.000Z'

/** What a daemon knows after a pass. */
const AGREED: Knowledge = {
  ...{ bridge: 'br-int', pid: 1, good, applied: 'r1', topology },
  reading: { revision: 'r1', problems: [], seen: [] },
  connection: 'working',
  suspension: undefined,
  pass: { good, manifests, held: undefined, warnings: [] },
  failure: undefined,
  outstanding: NOTHING_OUTSTANDING,
  contended: [],
  refused: [],
}

function tableOf(knowledge: Knowledge, previous: StatusTable = new Map(), now = NOW): StatusTable {
  return conditionsOf(knowledge, indexProblems(knowledge.reading), previous, now)
}

/** `True Plugged: it is port 11` */
function text(table: StatusTable, key: string, type: ConditionType): string | undefined {
  const found = conditionIn(table, key, type)
  return found && `${found.status} ${found.reason}: ${found.message}`
}

function conditionIn(table: StatusTable, key: string, type: ConditionType): Condition | undefined {
  return table.get(key)?.conditions.find((condition) => condition.type === type)
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
  expect([...table.keys()].sort()).toEqual(
    ['Network/net1', 'Node/node-a', 'Node/node-b']
      .concat(['Port/broken', 'Port/here', 'Port/there', 'Port/unplugged'])
      .sort(),
  )
  const typesOf = (key: string) => table.get(key)?.conditions.map(({ type }) => type)
  expect(typesOf('Node/node-a')).toEqual(['Valid', 'Resolved'])
  expect(typesOf('Network/net1')).toEqual(['Valid', 'Resolved', 'Programmed'])
  expect(typesOf('Port/here')).toEqual(['Valid', 'Resolved', 'Bound', 'Programmed'])
  expect(table.get('Port/here')).toMatchObject({ at: 'net.yaml:2:67', revision: 'r1', ready: 'True' })
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
  expect(table.get(`Port/${name}`)?.ready).toBe(ready)
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
  const fewer = { manifests: { ...manifests, ports: manifests.ports.slice(1) }, revision: 'r2' }
  const pass = { good: fewer, manifests, held: { ...held, blocks: 'nothing' as const }, warnings: [] }
  const table = tableOf({ ...AGREED, good: fewer, pass })
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
  expect([table.get('Port/new')?.revision, table.get('Port/here')?.revision]).toEqual(['r2', 'r1'])
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
