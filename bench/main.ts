// The measurements that are named, or all, one after the other; bench/README.md says what each one means. Needs root, like
// the tests.
import { createLab, type Lab } from '../test/support/lab.js'
import { benchCluster } from './cluster.js'
import { benchCompile } from './compile.js'
import { benchDrift } from './drift.js'
import { benchFlowTable } from './flow-table.js'
import { benchLive } from './live.js'
import { benchOvn } from './ovn.js'
import { benchPacketIn } from './packet-in.js'
import { benchRestart } from './restart.js'
import { benchScale } from './scale.js'
import { benchStartUp } from './start-up.js'
import { benchStorm } from './storm.js'

const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  live: inLab(benchLive),
  restart: inLab(benchRestart),
  drift: inLab(benchDrift),
  'flow-table': inLab(benchFlowTable),
  'start-up': benchStartUp,
  'packet-in': benchPacketIn,
  storm: inLab(benchStorm),
  cluster: benchCluster,
  ovn: benchOvn,
  compile: async () => {
    await benchCompile(1_000)
    await benchCompile(10_000)
  },
  scale: async () => {
    const region = { nodes: 1_000, networks: 10_000, ports: 100_000, ownPorts: 20 }
    await benchScale({ ...region, nodes: 100, networks: 1_000, ports: 10_000 })
    await benchScale(region)
  },
}

function inLab(bench: (lab: Lab) => Promise<void>): () => Promise<void> {
  return async () => {
    const lab = await createLab()
    try {
      await bench(lab)
    } finally {
      await lab.destroy()
    }
  }
}

const names = process.argv.slice(2)
const unknown = names.find((name) => !(name in BENCHES))
if (unknown !== undefined) {
  console.error(`There is no measurement "${unknown}". Use: ${Object.keys(BENCHES).join(', ')}.`)
  process.exit(64)
}
for (const [name, bench] of Object.entries(BENCHES))
  if (names.length === 0 || names.includes(name)) await bench()
