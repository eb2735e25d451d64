// A daemon checks what changed and what is near it. Whatever is edited, that must say what a look at everything says.
import { fc, test as property } from '@fast-check/jest'
import { afterAll, expect } from '@jest/globals'
import type { ManifestSet } from '../../src/manifest/model.js'
import { type ManifestFile, parseManifests } from '../../src/manifest/parse.js'
import { ManifestParser } from '../../src/manifest/parser.js'
import { type ManifestStore, plainStore } from '../../src/manifest/store.js'
import { objectsOf } from '../../src/manifest/union.js'
import { objectHash } from '../../src/values/hash.js'

type Spec = Readonly<Record<string, unknown>>

interface Place {
  readonly kind: string
  readonly name: string
  /** Good together with all others. */
  readonly spec: Spec
}

const NETWORKS = 5
const SUBNETS = 8
const PORTS = 14
const FILES = 9

function numbered<T>(count: number, make: (n: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, n) => make(n))
}

const PLACES: readonly Place[] = [
  ...numbered(3, (n) => {
    const spec = { tunnelIp: `192.0.2.${n + 1}`, encapsulation: 'geneve' }
    return { kind: 'Node', name: `node-${n}`, spec }
  }),
  ...numbered(NETWORKS, (n) => ({ kind: 'Network', name: `net${n}`, spec: { segmentationId: n + 1 } })),
  ...numbered(SUBNETS, (n) => {
    return {
      kind: 'Subnet',
      name: `sub${n}`,
      spec: { network: `net${n % NETWORKS}`, cidr: `10.0.${n}.0/24` },
    }
  }),
  ...numbered(3, (n) => {
    const interfaces = [{ subnet: `sub${2 * n}` }, { subnet: `sub${2 * n + 1}` }]
    const routes = [{ destination: `172.16.${n}.0/24`, nextHop: `10.0.${2 * n}.10` }]
    return { kind: 'Router', name: `r${n}`, spec: { interfaces, routes } }
  }),
  ...numbered(PORTS, (n) => {
    const subnet = n % SUBNETS
    const fixedIps = [{ subnet: `sub${subnet}`, ipAddress: `10.0.${subnet}.${10 + n}` }]
    const host = n % 4 === 3 ? {} : { host: `node-${n % 3}` }
    return { kind: 'Port', name: `vm${n}`, spec: { network: `net${subnet % NETWORKS}`, fixedIps, ...host } }
  }),
]

/** What a field may be changed to: mostly something that another object has, or names, or that is not there. */
const CHANGES: Readonly<Record<string, readonly Spec[]>> = {
  Node: [{ tunnelIp: '192.0.2.2' }, { tunnelIp: '192.0.2.9' }, { encapsulation: 'vxlan' }, { tunnelIp: 'x' }],
  Network: [{ segmentationId: 1 }, { segmentationId: 77 }, { segmentationId: -1 }],
  Subnet: [
    ...[{ network: 'net0' }, { network: 'net4' }, { network: 'gone' }, { cidr: '10.0.2.0/23' }],
    ...[
      { cidr: '10.9.9.0/24' },
      { gatewayIp: '10.0.1.11' },
      { gatewayIp: '10.0.3.254' },
      { cidr: '10.0.0.0/16' },
    ],
  ],
  Router: [
    ...[{ interfaces: [{ subnet: 'sub7' }] }, { interfaces: [{ subnet: 'sub1' }, { subnet: 'gone' }] }],
    { interfaces: [{ subnet: 'sub3', ipAddress: '10.0.3.13' }], routes: [] },
    { interfaces: [{ subnet: 'sub6', macAddress: '02:00:00:00:00:01' }], routes: [] },
    ...[
      { routes: [] },
      { routes: [{ destination: '10.0.1.0/24', nextHop: '10.0.0.9' }] },
      { forwarding: 'proactive' },
    ],
  ],
  Port: [
    ...[{ network: 'net1' }, { host: 'node-1' }, { host: 'gone' }, { interface: 'tap1' }, { ifaceId: 'vm2' }],
    ...[{ fixedIps: [{ subnet: 'sub1', ipAddress: '10.0.1.11' }] }, { fixedIps: [] }],
    ...[{ macAddress: '02:00:00:00:00:01' }, { macAddress: 'fa:16:3e:00:00:01' }],
    ...[
      { allowedAddressPairs: [{ ipAddress: '10.0.1.1' }] },
      { allowedAddressPairs: [{ ipAddress: '10.0.0.0/8' }] },
    ],
    { allowedAddressPairs: [{ ipAddress: '10.0.1.200', macAddress: '02:00:00:00:00:01' }] },
  ],
}

/** An object as it stands in a file now; undefined: it is not there. */
interface State {
  readonly file: number
  readonly name: string
  readonly spec: Spec
}

interface Edit {
  readonly place: number
  readonly act: 'restore' | 'change' | 'remove' | 'move' | 'rename' | 'comment' | 'spoil'
  readonly choice: number
}

const edits = fc.array(
  fc.record({
    place: fc.nat(PLACES.length - 1),
    act: fc.constantFrom<Edit['act']>(
      ...(['restore', 'restore', 'restore', 'restore', 'change', 'change', 'change'] as const),
      ...(['remove', 'move', 'rename', 'comment', 'spoil'] as const),
    ),
    choice: fc.nat(99),
  }),
  { minLength: 20, maxLength: 30, size: 'max' },
)

class Site {
  readonly #states: (State | undefined)[] = PLACES.map(({ name, spec }, i) => ({
    file: i % FILES,
    name,
    spec,
  }))
  readonly #tops: string[] = Array.from({ length: FILES }, () => '')
  #broken: number | undefined

  apply({ place, act, choice }: Edit): void {
    const { kind, name, spec } = PLACES[place]!
    const state = this.#states[place] ?? { file: place % FILES, name, spec }
    const changes = CHANGES[kind]!
    const changed = { ...state.spec, ...changes[choice % changes.length] }
    if (act === 'restore') this.#states[place] = { ...state, name, spec }
    if (act === 'restore' && choice > 50) this.#restoreAll()
    if (act === 'change') this.#states[place] = { ...state, spec: changed }
    if (act === 'remove') this.#states[place] = undefined
    if (act === 'move') this.#states[place] = { ...state, file: choice % FILES }
    if (act === 'rename') this.#states[place] = { ...state, name: choice % 2 === 0 ? `${name}x` : 'vm1' }
    if (act === 'comment') this.#tops[choice % FILES] = `${this.#tops[choice % FILES] ?? ''}# a line more\n`
    if (act === 'spoil') this.#broken = choice % FILES
  }

  #restoreAll(): void {
    this.#broken = undefined
    for (const [i, { name, spec }] of PLACES.entries())
      this.#states[i] = { file: this.#states[i]?.file ?? i % FILES, name, spec }
  }

  get files(): readonly ManifestFile[] {
    return numbered(FILES, (file) => {
      const documents = this.#states.flatMap((state, i) =>
        state?.file === file ? JSON.stringify(manifest(PLACES[i]!.kind, state)) : [],
      )
      const bottom = this.#broken === file ? '\n---\n{ kind: ' : ''
      return { path: `${file}.yaml`, text: `${this.#tops[file]}${documents.join('\n---\n')}${bottom}` }
    }).filter(({ text }) => text !== '')
  }
}

function manifest(kind: string, { name, spec }: State) {
  return { apiVersion: 'reconcile/v1', kind, metadata: { name }, spec }
}

function read(parser: ManifestParser, files: readonly ManifestFile[]) {
  const reading = parser.begin()
  for (const file of files) reading.take(file)
  return reading.join()
}

const HERE = [
  { node: 'node-0', claims: new Set<string>() },
  { node: 'node-1', claims: new Set(['vm3', 'tap1']) },
  { node: 'nobody', claims: new Set(['vm7']) },
]

function expectSame(packed: ManifestStore, all: ManifestSet): void {
  const plain = plainStore(all)
  expect(packed.all()).toEqual(all)
  expect([...packed.counts]).toEqual([...plain.counts])
  expect(packed.nodes).toEqual(plain.nodes)
  for (const here of HERE) expect(packed.reach(here)).toEqual(plain.reach(here))
  for (const { kind, name } of [...objectsOf(all), { kind: 'Port', name: 'net1' } as const]) {
    expect(packed.has(kind, name)).toBe(plain.has(kind, name))
    expect(packed.hasHash(objectHash(kind, name))).toBe(plain.hasHash(objectHash(kind, name)))
  }
}

const seen = { good: 0, changedGood: 0, bad: 0 }

property.prop([edits], { numRuns: 60 })('an edit is judged as if everything were read anew', async (list) => {
  const [site, parser] = [new Site(), new ManifestParser()]
  let before = (await read(parser, site.files)).store
  expect(before).toBeDefined()
  for (const edit of list) {
    site.apply(edit)
    const now = await read(parser, site.files)
    const { manifests, problems } = parseManifests(site.files)
    expect(now.problems).toEqual(problems)
    expect(now.store === undefined).toBe(manifests === undefined)
    if (manifests && now.store) {
      expectSame(now.store, manifests)
      if (before)
        expect(before.without(now.store)).toEqual(plainStore(before.all()).without(plainStore(manifests)))
      if (now.store !== before) seen.changedGood++
      before = now.store
    }
    seen[manifests ? 'good' : 'bad']++
  }
})

afterAll(() => {
  // Else the test looks at nothing: both ends are reached often, and from one good set another one.
  expect(seen.bad).toBeGreaterThan(100)
  expect(seen.changedGood).toBeGreaterThan(100)
})
