// `reconcile counters`: a running daemon asked what became of packets, and its answer printed.
import { EXIT, type ExitCode } from '../errors/codes.js'
import type { PacketCounts, Tally, VerdictCounts } from '../reconcile/packet-counts.js'
import { askDaemon } from './control-client.js'
import { askPaths } from './control-path.js'
import type { CountersSettings } from './counters-arguments.js'
import { writeStdout } from './stdout.js'
import { renderTable } from './table.js'

/** @throws ReconcileError NO_DAEMON, USAGE */
export async function counters(settings: CountersSettings): Promise<ExitCode> {
  const answer = await askDaemon(askPaths(settings), { method: 'GET', url: '/v1/counters' })
  const text =
    settings.output === 'json' ? JSON.stringify(answer, null, 2) : renderCounts(answer as PacketCounts)
  await writeStdout([`${text}\n`])
  return EXIT.done
}

export function renderCounts({ bridge, since, packetIns, verdicts, ports, tunnel }: PacketCounts): string {
  if (tunnel)
    return [`${bridge}  since ${since}`, counted('DROPPED', 'PACKETS', mostFirst(tunnel))].join('\n\n')
  const { installed, answered } = verdicts
  const made = [...rows('installed', installed), ...rows('answered', answered)]
  return [
    `${bridge}  ${packetIns} packets came to the controller since ${since}`,
    counted('VERDICT', 'PACKETS', verdictRows(verdicts)),
    ...(made.length > 0 ? [counted('RESULT', 'COUNT', made)] : []),
    dropped(ports),
  ].join('\n\n')
}

function counted(title: string, unit: string, lines: readonly (readonly [string, number])[]): string {
  return renderTable(
    [
      { title, cell: ([what]) => what },
      { title: unit, cell: ([, count]) => String(count), isNumber: true },
    ],
    lines,
  )
}

function verdictRows(verdicts: VerdictCounts): readonly (readonly [string, number])[] {
  const { sentOn, refused, malformed, notOurs, crowdedOut } = verdicts
  return [
    ['sent on', sentOn],
    ...rows('refused', refused),
    ...rows('malformed', malformed),
    ['not ours', notOurs],
    ...(crowdedOut > 0 ? [['crowded out', crowdedOut] as const] : []),
  ]
}

/** The most frequent first. */
function rows(what: string, tally: Tally): readonly (readonly [string, number])[] {
  return mostFirst(tally).map(([word, count]) => [`${what}: ${word}`, count])
}

function mostFirst(tally: Tally): readonly (readonly [string, number])[] {
  return Object.entries(tally).sort(([, a], [, b]) => b - a)
}

function dropped(ports: PacketCounts['ports']): string {
  if (!ports) return 'There is no connection to the switch: what it dropped is not known.'
  return renderTable(
    [
      { title: 'PORT', cell: ({ port }) => port },
      { title: 'SPOOFED', cell: ({ spoofed }) => String(spoofed ?? '-'), isNumber: true },
      { title: 'RATE-LIMITED', cell: ({ rateLimited }) => String(rateLimited ?? '-'), isNumber: true },
    ],
    ports,
  )
}
