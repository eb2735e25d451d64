// The pure core without a switch: topology, compilation and comparison of networks with many ports.
import { Bench } from 'tinybench'
import { type CompileMemory, compileModel } from '../src/compile/compiler.js'
import type { ManifestSet, Port } from '../src/manifest/model.js'
import { parseManifests } from '../src/manifest/parse.js'
import type { Flow } from '../src/openflow/flow.js'
import { diffFlows } from '../src/plan/plan.js'
import { supposedInterfaces, SupposedPorts } from '../src/topology/supposed.js'
import { buildTopology } from '../src/topology/topology.js'
import type { Mac } from '../src/values/mac.js'
import { manifest, networkWithSubnet } from '../test/support/scene.js'
import { printFigure, printHeading } from './figures.js'

const PORTS_PER_NETWORK = 100

export async function benchCompile(ports: number): Promise<void> {
  const before = networkOf(ports)
  const after = { ...before, ports: before.ports.map(withOtherMac) }
  const numbers = new SupposedPorts(new Map())
  const pass = (manifests: ManifestSet, memory: CompileMemory, installed: readonly Flow[]) => {
    const interfaces = supposedInterfaces(manifests, numbers)
    const desired = compileModel(buildTopology({ manifests, node: undefined, interfaces }), memory)
    return { desired, plan: diffFlows(desired, installed) }
  }
  const memory: CompileMemory = new Map()
  const { desired } = pass(before, memory, [])
  const installed = [...desired.values()].map(({ flow }) => flow)
  const bench = new Bench({ time: 1_000, iterations: 5, retainSamples: true })
  bench.add('from scratch', () => pass(before, new Map(), []))
  bench.add('nothing changed', () => pass(before, memory, installed))
  let other = false
  bench.add('one port changed', () => {
    other = !other
    pass(other ? after : before, memory, installed)
  })
  await bench.run()
  printHeading(`compile and compare, ${ports} ports, ${installed.length} flows`)
  for (const { name, result } of bench.tasks) {
    if (result.state !== 'completed') throw new Error(`${name}: ${result.state}`)
    printFigure({ name, samples: result.latency.samples ?? [] })
  }
}

/** Networks of 100 ports each, every ten of them on a router of their own. */
function networkOf(ports: number): ManifestSet {
  const networks = [...Array(ports / PORTS_PER_NETWORK).keys()]
  const texts = networks.flatMap((n) => [
    ...networkWithSubnet(`net-${n}`, n + 1, subnetOf(n)),
    ...[...Array(PORTS_PER_NETWORK).keys()].map((p) => portIn(n, p)),
  ])
  const routers = networks.filter((n) => n % 10 === 0).map(routerFrom)
  const { manifests, problems } = parseManifests([
    { path: 'bench.yaml', text: [...texts, ...routers].join('\n---\n') },
  ])
  if (!manifests) throw problems[0] ?? new Error('no manifests')
  return manifests
}

function subnetOf(network: number): string {
  return `10.${Math.floor(network / 256)}.${network % 256}.0/24`
}

function portIn(network: number, port: number): string {
  const ipAddress = subnetOf(network).replace('0/24', String(port + 10))
  const name = `port-${network}-${port}`
  return manifest('Port', name, {
    network: `net-${network}`,
    fixedIps: [{ subnet: `net-${network}-v4`, ipAddress }],
  })
}

function routerFrom(network: number): string {
  const interfaces = [...Array(10).keys()].map((i) => ({ subnet: `net-${network + i}-v4` }))
  return manifest('Router', `router-${network}`, { interfaces })
}

function withOtherMac(port: Port, index: number): Port {
  return index === 0 ? { ...port, macAddress: 'fa:16:3e:99:99:99' as Mac } : port
}
