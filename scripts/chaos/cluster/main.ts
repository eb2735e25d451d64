// `npm run chaos:cluster`: faults drawn at random on three nodes with real traffic, and an independent checker after each.
// docs/reliability.md says what it means. Exit code 1 when anything gave way. Needs root, like the tests.
import { parseArgs } from 'node:util'
import { seconds } from '../report.js'
import { CLUSTER_FAULTS } from './faults.js'
import { clusterRowsOf, renderClusterRows } from './report.js'
import type { ClusterRound } from './rounds.js'
import { type ClusterChaosResult, runClusterChaos } from './run.js'

let count = 0

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '240' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    only: { type: 'string' },
    'ping-interval': { type: 'string', default: '10' },
    'quorum-loss': { type: 'string', default: '30' },
    deadline: { type: 'string', default: '30' },
  },
})

process.exitCode = await main()

async function main(): Promise<number> {
  const only = values.only?.split(',')
  const unknown = only?.filter((name) => !CLUSTER_FAULTS.some((fault) => fault.name === name)) ?? []
  if (unknown.length > 0) {
    const known = CLUSTER_FAULTS.map(({ name }) => name).join(', ')
    console.error(`No such fault: ${unknown.join(', ')}. Use: ${known}.`)
    return 64
  }
  console.log(`seed ${values.seed}, ${values.seconds} s`)
  const interruption = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => interruption.abort())
  const result = await runClusterChaos({
    ...{ seconds: Number(values.seconds), seed: Number(values.seed), deadline: Number(values.deadline) },
    ...{ pingInterval: Number(values['ping-interval']), quorumLoss: Number(values['quorum-loss']) },
    ...(only && { only }),
    onRound: printRound,
    signal: interruption.signal,
  })
  return printResult(result)
}

function printRound(round: ClusterRound, logs: string): void {
  const { fault, struck, beganS, overS, rightS, endS, findings } = round
  const what = [fault.name, ...struck].join(' ')
  const times = `${seconds(overS - beganS)}, right ${seconds(rightS - overS)} later, talking ${seconds(endS - rightS)} later`
  console.log(`${String(++count).padStart(5)}  ${what}: ${times}`)
  if (findings.length > 0) console.log(`FINDING ${findings.join('\n')}\nlogs of the daemons:\n${logs}`)
}

function printResult({ rounds, sniffed, flows, findings }: ClusterChaosResult): number {
  console.log(`\n${renderClusterRows(clusterRowsOf(rounds))}`)
  console.log(`\n${rounds.length} rounds; ${flows} flows on all bridges at the end`)
  console.log(`frames across networks: ${sniffed.strange} in ${sniffed.frames}`)
  console.log(findings.length === 0 ? 'no finding' : `${findings.length} findings:\n${findings.join('\n')}`)
  return findings.length === 0 ? 0 : 1
}
