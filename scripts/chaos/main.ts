// `npm run chaos`: faults drawn at random on a real switch with real traffic, and an independent checker after each.
// docs/reliability.md says what it means. Exit code 1 when anything gave way. Needs root, like the tests.
import { parseArgs } from 'node:util'
import { ALL_FAULTS } from './faults.js'
import { lossOf, renderRows, renderTable, rowsOf, seconds } from './report.js'
import type { Round } from './rounds.js'
import { type ChaosResult, runChaos } from './run.js'

/** `--only kill`: the reconciler is killed again and again, and no ping may be lost. */
const KILL = { only: ['daemon-kill'], pingInterval: 1 }

let count = 0
const NO_STREAM = { bytes: 0, gapS: 0, connections: 0 }

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    only: { type: 'string' },
    'sweep-interval': { type: 'string', default: '60' },
    'ping-interval': { type: 'string' },
    deadline: { type: 'string', default: '20' },
    floors: { type: 'string', default: '3' },
  },
})

process.exitCode = await main()

async function main(): Promise<number> {
  const isKill = values.only === 'kill'
  const only = isKill ? KILL.only : values.only?.split(',')
  const unknown = only?.filter((name) => !ALL_FAULTS.some((fault) => fault.name === name)) ?? []
  if (unknown.length > 0) {
    console.error(
      `No such fault: ${unknown.join(', ')}. Use kill, or: ${ALL_FAULTS.map(({ name }) => name).join(', ')}.`,
    )
    return 64
  }
  const seed = Number(values.seed)
  console.log(`seed ${seed}, ${values.seconds} s`)
  const interruption = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => interruption.abort())
  const pingInterval = Number(values['ping-interval'] ?? (isKill ? KILL.pingInterval : 2))
  const result = await runChaos({
    ...{ seed, seconds: Number(values.seconds), sweepInterval: Number(values['sweep-interval']) },
    ...{ deadline: Number(values.deadline), floors: isKill ? 0 : Number(values.floors), pingInterval },
    ...(only && { only }),
    onRound: printRound,
    signal: interruption.signal,
  })
  return printResult(result, isKill)
}

function printRound({ faults, beganS, overS, rightS, findings }: Round, daemonLog: string): void {
  const names = faults.map(({ name }) => name).join(' + ')
  console.log(
    `${String(++count).padStart(5)}  ${names}: ${seconds(overS - beganS)}, right ${seconds(rightS - overS)} later`,
  )
  if (findings.length > 0) console.log(`FINDING ${findings.join('\n')}\nlog of the daemon:\n${daemonLog}`)
}

function printResult(
  { rounds, floors, snapshots, sniffed, connections, findings }: ChaosResult,
  isKill: boolean,
): number {
  console.log(`\n${renderRows(rowsOf(rounds))}`)
  if (floors.length > 0) {
    const rows = floors.map(({ fault, pings, streams }) => {
      const loss = lossOf(pings.map((each, i) => ({ pings: each, stream: streams[i] ?? NO_STREAM })))
      return [
        fault,
        String(pings.length),
        `${loss.lost} of ${loss.sent}`,
        seconds(loss.gapS),
        seconds(loss.stallS),
      ]
    })
    console.log(
      `\nwithout the reconciler:\n${renderTable(['fault', 'times', 'pings lost', 'longest gap', 'TCP stall'], rows)}`,
    )
  }
  const loss = lossOf(rounds)
  const free = lossOf(rounds.filter(({ faults: [first, second] }) => first?.costs === 'none' && !second))
  console.log(
    `\n${rounds.length} rounds; ${loss.lost} of ${loss.sent} pings lost; TCP connections: ${connections}`,
  )
  console.log(`${free.lost} of ${free.sent} lost by single faults that should cost none`)
  console.log(`mixed generations: ${snapshots.mixed} in ${snapshots.looks} dumps`)
  console.log(`frames across networks: ${sniffed.strange} in ${sniffed.frames}`)
  const lost = isKill && loss.lost > 0 ? [`${loss.lost} pings were lost`] : []
  const all = [...findings, ...lost]
  console.log(all.length === 0 ? 'no finding' : `${all.length} findings:\n${all.join('\n')}`)
  return all.length === 0 ? 0 : 1
}
