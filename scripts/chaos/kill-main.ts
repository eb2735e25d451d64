// `npm run chaos:kill`: the kill test, with as many kills and flows as are asked for. Exit code 1 when anything gave way.
import { parseArgs } from 'node:util'
import { type Kill, runKills } from './kill.js'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    flows: { type: 'string', default: '100000' },
    'recover-every': { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
})

let count = 0
const seed = Number(values.seed)
console.log(`seed ${seed}`)
const interruption = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => interruption.abort())
const { flows, undisturbedMs, kills } = await runKills({
  ...{ kills: Number(values.kills), flows: Number(values.flows), seed, signal: interruption.signal },
  recoverEvery: Number(values['recover-every']),
  onKill: ({ at, state, late, finding }: Kill) => {
    console.log(`${String(++count).padStart(5)}  killed at ${at}${late ? ' (had ended)' : ''}: ${state}`)
    if (finding !== undefined) console.log(`FINDING ${finding}`)
  },
})
const of = (state: Kill['state']) => kills.filter((kill) => kill.state === state).length
const findings = kills.filter(({ finding }) => finding !== undefined)
console.log(
  `\n${kills.length} kills of a change of ${flows} flows, which takes ${Math.round(undisturbedMs)} ms:`,
)
const recovered = kills.filter((kill) => kill.recovered).length
console.log(
  `old ${of('old')}, new ${of('new')}, mixed ${of('mixed')}; ${recovered} next starts; ${findings.length} findings`,
)
process.exitCode = findings.length === 0 ? 0 : 1
