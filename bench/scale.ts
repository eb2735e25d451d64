// What a node with few ports holds and computes of a large site, as its daemon does: texts of files through the parser, what
// the node may reach, topology and flows; then commits that change one port.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type CompileMemory, compileModel } from '../src/compile/compiler.js'
import { FEATURES, TUNNEL_FEATURES } from '../src/features/index.js'
import type { ManifestFile } from '../src/manifest/parse.js'
import { ManifestParser } from '../src/manifest/parser.js'
import type { ManifestStore } from '../src/manifest/store.js'
import { buildTopology, type Topology } from '../src/topology/topology.js'
import { TUNNEL_INTERFACES } from '../test/support/networks.js'
import { HERE, pluggedHere, type RegionSize, regionOf, regionText } from '../test/support/region.js'
import { printFigure, printHeading } from './figures.js'
import { heap } from './heap.js'

const PASSES = 10
const CHANGES = 5
const OBJECTS_PER_FILE = 200

export async function benchScale(size: RegionSize): Promise<void> {
  const { nodes, networks, ports, ownPorts } = size
  printHeading(`${ports} ports, ${networks} networks, ${nodes} nodes; one with ${ownPorts} ports`)
  const site = siteOf(size)
  const parser = new ManifestParser()
  const empty = await heap()
  const began = performance.now()
  let store = await read(parser, site.files)
  printFigure({ name: `first reading of ${site.files.length} files`, samples: [performance.now() - began] })
  const packed = await heap()
  const node = new NodeHere(site.interfaces)
  for (let i = 0; i < PASSES; i++) node.pass(store)
  const kept = await heap()
  const changes: number[] = []
  for (let i = 0; i < CHANGES; i++) {
    site.change(i)
    const begin = performance.now()
    store = await read(parser, site.files)
    changes.push(performance.now() - begin)
    node.pass(store)
  }
  const [first = 0, ...others] = node.samples
  printFigure({ name: 'first pass: topology, flows of both bridges', samples: [first] })
  printFigure({ name: 'a pass with nothing changed', samples: others.slice(0, PASSES - 1) })
  printFigure({ name: 'one port changed: read and checked', samples: changes })
  printFigure({ name: 'and a pass', samples: others.slice(PASSES - 1) })
  printLine('flows of br-int, of br-tun', node.flowCounts.join(', '))
  printLine('networks, ports of others, peers of the node', reach(node.topology))
  printLine('memory of the manifests', megabytes(packed - empty))
  printLine('memory of what is reached, topology and flows', megabytes(kept - packed))
}

interface Site {
  readonly files: readonly ManifestFile[]
  readonly interfaces: ReturnType<typeof pluggedHere>
  /** Lets a port of another node change its address, a different one each time. */
  readonly change: (n: number) => void
}

function siteOf(size: RegionSize): Site {
  const manifests = regionOf(size)
  const documents = regionText(manifests).split('\n---\n')
  const files = Array.from({ length: Math.ceil(documents.length / OBJECTS_PER_FILE) }, (_, i) => {
    const own = documents.slice(i * OBJECTS_PER_FILE, (i + 1) * OBJECTS_PER_FILE)
    return { path: `${String(i).padStart(6, '0')}.yaml`, text: own.join('\n---\n') }
  })
  const last = files.length - 1
  const change = (n: number): void => {
    const { path, text } = files[last] ?? { path: '', text: '' }
    files[last] = { path, text: text.replace(/02:0[23]:[^"]+(?="[^\n]*$)/, `02:03:00:00:00:0${n}`) }
  }
  return { files, interfaces: pluggedHere(manifests), change }
}

async function read(parser: ManifestParser, files: readonly ManifestFile[]): Promise<ManifestStore> {
  const reading = parser.begin()
  for (const file of files) if (reading.take(file)) await nextTurn()
  const { store, problems } = await reading.join()
  if (!store) throw problems[0] ?? new Error('no manifests')
  return store
}

/** What a daemon keeps from pass to pass, beside the manifests. */
class NodeHere {
  readonly #interfaces: Site['interfaces']
  readonly #memories: readonly [CompileMemory, CompileMemory] = [new Map(), new Map()]
  readonly #claims: ReadonlySet<string>
  #kept: { readonly topology: Topology; readonly flowCounts: readonly number[] } | undefined
  /** Milliseconds of each pass. */
  readonly samples: number[] = []

  constructor(interfaces: Site['interfaces']) {
    this.#interfaces = interfaces
    this.#claims = new Set(
      interfaces.flatMap(({ name, ifaceId }) => (ifaceId === undefined ? name : [name, ifaceId])),
    )
  }

  get topology(): Topology {
    if (!this.#kept) throw new Error('no pass was made')
    return this.#kept.topology
  }

  get flowCounts(): readonly number[] {
    return this.#kept?.flowCounts ?? []
  }

  pass(store: ManifestStore): void {
    const begin = performance.now()
    const manifests = store.reach({ node: HERE, claims: this.#claims })
    const rest = { node: HERE, interfaces: this.#interfaces, tunnelInterfaces: TUNNEL_INTERFACES }
    const topology = buildTopology({ manifests, ...rest })
    const flows = [
      compileModel(topology, this.#memories[0], FEATURES),
      compileModel(topology, this.#memories[1], TUNNEL_FEATURES),
    ]
    this.samples.push(performance.now() - begin)
    this.#kept = { topology, flowCounts: flows.map(({ size }) => size) }
  }
}

function reach({ networks, remotePorts, peers }: Topology): string {
  return `${networks.length}, ${remotePorts.length}, ${peers.size}`
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

function printLine(name: string, value: string): void {
  console.log(`  ${name.padEnd(46)}${value.padStart(24)}`)
}
