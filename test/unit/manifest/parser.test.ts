// What one change can be at odds with, for each way in which objects meet. Every object has a file of its own, so that only
// what is looked for is found.
import { describe, expect, test } from '@jest/globals'
import { isGoodThroughout } from '../../../src/manifest/check-packed.js'
import { PackedFile } from '../../../src/manifest/packed-file.js'
import { parseManifests } from '../../../src/manifest/parse.js'
import { ManifestParser } from '../../../src/manifest/parser.js'
import { readFileObjects } from '../../../src/manifest/read-file.js'
import { type Document, network, node, port, router, subnet } from '../../support/networks.js'

/** net1 and net2 behind r12, net2 and net3 behind r23. */
const GOOD: readonly Document[] = [
  node('node-a', '192.0.2.1'),
  node('node-b', '192.0.2.2'),
  ...[1, 2, 3].flatMap((n) => [network(`net${n}`, n), subnet(`sub${n}`, `net${n}`, `10.0.${n}.0/24`)]),
  subnet('more1', 'net1', '10.1.0.0/24'),
  router('r12', { sub1: '02:00:00:00:12:01', sub2: '02:00:00:00:12:02' }),
  router('r23', { sub2: ['02:00:00:00:23:02', '10.0.2.254'], sub3: '02:00:00:00:23:03' }),
  port('vm1', 'net1', { host: 'node-a', macAddress: '02:00:00:00:00:01', ips: { sub1: '10.0.1.11' } }),
  port('vm2', 'net2', { macAddress: '02:00:00:00:00:02', ips: { sub2: '10.0.2.12' }, interface: 'tap2' }),
  port('vm3', 'net3', { macAddress: '02:00:00:00:00:03', ips: { sub3: '10.0.3.13' } }),
  port('far', 'net1', { macAddress: '02:00:00:00:00:04', ips: { more1: '10.1.0.14' } }),
]

const route = (destination: string, nextHop: string) => ({ routes: [{ destination, nextHop }] })

function filesOf(documents: readonly Document[]) {
  return documents.map((document, i) => {
    const isFirst = documents.findIndex((other) => isSame(other, document)) === i
    const name = `${document.kind}-${String(document.metadata['name'])}`
    return {
      path: `${name}${isFirst ? '' : '-again'}.yaml`,
      text: JSON.stringify({ apiVersion: 'reconcile/v1', ...document }),
    }
  })
}

/** The documents in the place of those of their kinds and names, or beside the others. */
function changed(before: readonly Document[], ...documents: readonly Document[]): readonly Document[] {
  return documents.reduce((all, document) => {
    const at = all.findIndex((other) => isSame(other, document))
    return at < 0 ? [...all, document] : all.with(at, document)
  }, before)
}

function isSame(a: Document, b: Document): boolean {
  return a.kind === b.kind && a.metadata['name'] === b.metadata['name']
}

function without(kind: string, name: string): readonly Document[] {
  return GOOD.filter((document) => document.kind !== kind || document.metadata['name'] !== name)
}

function withSpec(kind: string, name: string, spec: Readonly<Record<string, unknown>>): Document {
  const document = GOOD.find((each) => each.kind === kind && each.metadata['name'] === name)
  if (!document) throw new Error(`no ${kind} ${name}`)
  return { ...document, spec: { ...document.spec, ...spec } }
}

/** Objects that are looked at together: a third of them. */
const IN_PORTIONS = 5

function packed(documents: readonly Document[]): readonly PackedFile[] {
  return filesOf(documents).map(({ path, text }) => new PackedFile(path, '', readFileObjects(path, text)))
}

async function read(parser: ManifestParser, documents: readonly Document[]) {
  const reading = parser.begin()
  const isParsed = filesOf(documents).map((file) => reading.take(file))
  return { ...(await reading.join()), parsed: isParsed.filter(Boolean).length }
}

describe('after a good reading, a change is found at odds with', () => {
  test.each<[what: string, code: string, after: readonly Document[]]>([
    ['its namesake', 'DUPLICATE_NAME', [...GOOD, network('net1', 9)]],
    ['a network of its number', 'DUPLICATE_SEGMENTATION_ID', changed(GOOD, network('net3', 1))],
    ['a node of its address', 'DUPLICATE_TUNNEL_IP', changed(GOOD, node('node-b', '192.0.2.1'))],
    [
      'what all nodes say',
      'ENCAPSULATION_MISMATCH',
      changed(GOOD, withSpec('Node', 'node-b', { encapsulation: 'gre' })),
    ],
    ['who is on it, a node that goes', 'UNRESOLVED_REFERENCE', without('Node', 'node-a')],
    ['who is in it, a network that goes', 'UNRESOLVED_REFERENCE', without('Network', 'net3')],
    ['its router, a subnet that goes', 'UNRESOLVED_REFERENCE', without('Subnet', 'sub3')],
    [
      'what it names and is not there',
      'UNRESOLVED_REFERENCE',
      changed(GOOD, withSpec('Port', 'vm3', { host: 'gone' })),
    ],
    [
      'another subnet of its network',
      'SUBNET_OVERLAP',
      changed(GOOD, subnet('more1', 'net1', '10.0.0.0/16')),
    ],
    ['another subnet of its router', 'SUBNET_OVERLAP', changed(GOOD, subnet('sub3', 'net3', '10.0.2.0/23'))],
    [
      'a subnet that another leg of its router leads to',
      'SUBNET_OVERLAP',
      changed(
        GOOD,
        subnet('sub4', 'net3', '10.0.2.0/25'),
        router('r23', { sub2: '02:00:00:00:23:02', sub4: '02:00:00:00:23:04' }),
      ),
    ],
    [
      'a port of its address',
      'DUPLICATE_IP',
      changed(GOOD, port('new', 'net1', { ips: { sub1: '10.0.1.11' } })),
    ],
    [
      'a port of its MAC address, in another subnet',
      'DUPLICATE_MAC',
      changed(GOOD, withSpec('Port', 'far', { macAddress: '02:00:00:00:00:01' })),
    ],
    [
      'a router of its MAC address',
      'DUPLICATE_MAC',
      changed(GOOD, withSpec('Port', 'far', { macAddress: '02:00:00:00:12:01' })),
    ],
    [
      'a router whose address it has',
      'GATEWAY_CONFLICT',
      changed(GOOD, withSpec('Port', 'vm2', { fixedIps: [{ subnet: 'sub2', ipAddress: '10.0.2.254' }] })),
    ],
    [
      'a port, a router with its address',
      'GATEWAY_CONFLICT',
      changed(GOOD, router('r23', { sub2: ['02:00:00:00:23:02', '10.0.2.12'] })),
    ],
    [
      'a port, a gateway with its address',
      'GATEWAY_CONFLICT',
      changed(GOOD, withSpec('Subnet', 'sub3', { gatewayIp: '10.0.3.13' })),
    ],
    [
      'another router of its address',
      'DUPLICATE_IP',
      changed(GOOD, router('r12', { sub2: ['02:00:00:00:12:02', '10.0.2.254'] })),
    ],
    [
      'the subnet that it has moved from',
      'SUBNET_OF_OTHER_NETWORK',
      changed(GOOD, withSpec('Subnet', 'more1', { network: 'net3' })),
    ],
    [
      'a port of its iface-id',
      'DUPLICATE_INTERFACE',
      changed(GOOD, withSpec('Port', 'vm3', { ifaceId: 'vm1' })),
    ],
    [
      'a port of its interface',
      'DUPLICATE_INTERFACE',
      changed(GOOD, withSpec('Port', 'vm3', { interface: 'tap2' })),
    ],
    [
      'a router whose MAC address it may send from',
      'GATEWAY_CONFLICT',
      changed(
        GOOD,
        withSpec('Port', 'far', {
          allowedAddressPairs: [{ ipAddress: '10.9.0.0/16', macAddress: '02:00:00:00:12:01' }],
        }),
      ),
    ],
    [
      'a gateway whose address it may send from',
      'GATEWAY_CONFLICT',
      changed(GOOD, withSpec('Port', 'far', { allowedAddressPairs: [{ ipAddress: '10.0.1.1' }] })),
    ],
  ])('%s', async (_, code, after) => {
    const parser = new ManifestParser()
    expect((await read(parser, GOOD)).problems).toEqual([])
    const { problems, store } = await read(parser, after)
    expect(problems.map((problem) => problem.code)).toContain(code)
    expect(problems).toEqual(parseManifests(filesOf(after)).problems)
    expect(store).toBeUndefined()
    expect(await isGoodThroughout(packed(after), IN_PORTIONS)).toBe(false)
  })

  test.each<[what: string, code: string, before: Document, after: Document]>([
    ...[route('172.16.0.0/16', '10.0.2.9')].map((routes): [string, string, Document, Document] => [
      ...(['a next hop that is no longer in its subnet', 'NEXT_HOP_UNREACHABLE'] as const),
      withSpec('Router', 'r12', routes),
      withSpec('Subnet', 'sub2', { cidr: '10.0.2.248/29', gatewayIp: '10.0.2.249' }),
    ]),
    [
      ...(['a route of a router to the very subnet', 'ROUTE_CONFLICT'] as const),
      withSpec('Router', 'r12', route('10.7.0.0/24', '10.0.1.9')),
      withSpec('Subnet', 'sub2', { cidr: '10.7.0.0/24' }),
    ],
  ])('%s', async (_, code, before, after) => {
    const parser = new ManifestParser()
    const first = changed(GOOD, before)
    expect((await read(parser, first)).problems).toEqual([])
    const second = changed(first, after)
    const { problems } = await read(parser, second)
    expect(problems.map((problem) => problem.code)).toContain(code)
    expect(problems).toEqual(parseManifests(filesOf(second)).problems)
    expect(await isGoodThroughout(packed(first), IN_PORTIONS)).toBe(true)
    expect(await isGoodThroughout(packed(second), IN_PORTIONS)).toBe(false)
  })
})

describe('what is good together', () => {
  test('is good in portions, however small', async () => {
    for (const size of [1, IN_PORTIONS, 1_000]) expect(await isGoodThroughout(packed(GOOD), size)).toBe(true)
  })

  test('is looked at as a whole where each portion meets most of it', async () => {
    const sameTaps = Array.from({ length: 20 }, (_, n) => [
      ...[node(`node-${n}`, `192.0.2.${n + 1}`), network(`net${n}`, n + 1)],
      port(`vm${n}`, `net${n}`, { host: `node-${n}`, interface: 'tap0' }),
    ]).flat()
    expect(await isGoodThroughout(packed(sameTaps), 1)).toBe(false)
    expect((await read(new ManifestParser(), sameTaps)).problems).toEqual([])
  })
})

test('a file that has not changed is not parsed again, and nothing changed is the same store', async () => {
  const parser = new ManifestParser()
  const first = await read(parser, GOOD)
  expect(first.parsed).toBe(GOOD.length)
  const again = await read(parser, GOOD)
  expect([again.parsed, again.store]).toEqual([0, first.store])
  const after = await read(parser, changed(GOOD, withSpec('Port', 'vm3', { portSecurity: false })))
  expect(after.parsed).toBe(1)
  expect(after.store?.all().ports.find(({ name }) => name === 'vm3')?.portSecurity).toBe(false)
  expect(first.store?.all().ports.find(({ name }) => name === 'vm3')?.portSecurity).toBe(true)
})

test('after a bad reading, the next good one is compared with the last good one', async () => {
  const parser = new ManifestParser()
  const first = await read(parser, GOOD)
  expect((await read(parser, without('Network', 'net3'))).store).toBeUndefined()
  const mended = await read(parser, GOOD)
  expect(mended.store?.all()).toEqual(first.store?.all())
  expect((await read(parser, changed(GOOD, network('net3', 1)))).problems).toHaveLength(1)
})
