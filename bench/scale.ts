// What a node with few ports holds and computes of a large site: manifests from memory, once also from their text.
import { type CompileMemory, compileModel } from '../src/compile/compiler.js'
import type { DesiredFlows } from '../src/compile/desired.js'
import { FEATURES, TUNNEL_FEATURES } from '../src/features/index.js'
import type { ManifestSet } from '../src/manifest/model.js'
import { parseManifests } from '../src/manifest/parse.js'
import { buildTopology, type Topology } from '../src/topology/topology.js'
import { TUNNEL_INTERFACES } from '../test/support/networks.js'
import { HERE, pluggedHere, type RegionSize, regionOf, regionText } from '../test/support/region.js'
import { printFigure, printHeading } from './figures.js'
import { heap } from './heap.js'

const PASSES = 10

/** What a daemon keeps from pass to pass, beside the manifests. */
interface Kept {
  readonly topology: Topology
  readonly flows: DesiredFlows
  readonly tunnelFlows: DesiredFlows
}

export function benchScale(size: RegionSize): Promise<void> {
  const { nodes, networks, ports, ownPorts } = size
  printHeading(`${ports} ports, ${networks} networks, ${nodes} nodes; one with ${ownPorts} ports`)
  const empty = heap()
  const manifests = regionOf(size)
  const before = heap()
  const own = manifests.ports.filter(({ host }) => host === HERE).length
  if (own !== ownPorts) throw new Error(`the node has ${own} ports`)
  const memories: readonly [CompileMemory, CompileMemory] = [new Map(), new Map()]
  const samples: number[] = []
  let kept = pass(manifests, memories, samples)
  for (let i = 1; i < PASSES; i++) kept = pass(manifests, memories, samples)
  const after = heap()
  printFigure({ name: 'first pass: topology, flows of both bridges', samples: samples.slice(0, 1) })
  printFigure({ name: 'a pass with nothing changed', samples: samples.slice(1) })
  const { topology, flows, tunnelFlows } = kept
  printLine('flows of br-int, of br-tun', `${flows.size}, ${tunnelFlows.size}`)
  printLine('networks, ports of others, peers of the node', reach(topology))
  printLine('heap of the manifests', megabytes(before - empty))
  printLine('heap of topology and flows', megabytes(after - before))
  return Promise.resolve()
}

/** The text of all manifests through the parser, as after a fetch that changed every file. */
export function benchParse(size: RegionSize): Promise<void> {
  const before = heap()
  const text = regionText(regionOf(size))
  const begin = performance.now()
  const { manifests, problems } = parseManifests([{ path: 'region.yaml', text }])
  if (!manifests) throw problems[0] ?? new Error('no manifests')
  printFigure({
    name: `parse ${(text.length / 1e6).toFixed(1)} MB of YAML`,
    samples: [performance.now() - begin],
  })
  printLine('heap of what was parsed, and of the text', megabytes(heap() - before))
  const memories: readonly [CompileMemory, CompileMemory] = [new Map(), new Map()]
  const { flows, tunnelFlows } = pass(manifests, memories, [])
  printLine('flows of br-int, of br-tun', `${flows.size}, ${tunnelFlows.size}`)
  return Promise.resolve()
}

function pass(
  manifests: ManifestSet,
  [memory, tunnelMemory]: readonly [CompileMemory, CompileMemory],
  samples: number[],
): Kept {
  const interfaces = pluggedHere(manifests)
  const begin = performance.now()
  const topology = buildTopology({ manifests, node: HERE, interfaces, tunnelInterfaces: TUNNEL_INTERFACES })
  const flows = compileModel(topology, memory, FEATURES)
  const tunnelFlows = compileModel(topology, tunnelMemory, TUNNEL_FEATURES)
  samples.push(performance.now() - begin)
  return { topology, flows, tunnelFlows }
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
