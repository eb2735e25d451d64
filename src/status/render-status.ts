// A status for people: one line for the whole, one a condition that is not well.
import { NO_PAINT, type Paint } from '../plan/paint.js'
import {
  type Condition,
  objectKey,
  type ObjectStatus,
  type Phase,
  type Summary,
  tellingCondition,
  type Truth,
} from './condition.js'

const PHASE_COLOURS: Readonly<Record<Phase, Parameters<Paint>[0]>> = {
  Synced: 'green',
  OutOfSync: 'yellow',
  Held: 'yellow',
  Suspended: 'yellow',
  StandingBy: 'yellow',
  Degraded: 'red',
  Invalid: 'red',
  Disconnected: 'red',
}

const READY_COLOURS: Readonly<Record<Truth, Parameters<Paint>[0]>> = {
  True: 'green',
  False: 'red',
  Unknown: 'yellow',
}

/** @param objects those to be listed */
export function renderStatus(
  summary: Summary,
  objects: readonly ObjectStatus[],
  now: Date,
  paint: Paint = NO_PAINT,
): string {
  const rest = summary.problems.filter(({ object }) => object === undefined)
  return [
    ...renderSummary(summary, now, paint),
    ...rest.flatMap(({ code, message, at, remedy }) => [
      '',
      `${paint('red', code)}  ${at === undefined ? '' : `${at} `}${printable(message)}`,
      ...remedyLine(remedy, '  ', paint),
    ]),
    ...(objects.length > 0 ? ['', ...renderTable(objects, paint)] : []),
  ].join('\n')
}

/** `br-int  Synced for 5m  1f2519b  12 objects, 11 ready`, and why it is so. */
export function renderSummary(summary: Summary, now: Date, paint: Paint = NO_PAINT): readonly string[] {
  const { bridge, phase, since, message, remedy, revision, counts, warnings } = summary
  const age = duration(now.getTime() - Date.parse(since))
  const { applied, wanted } = revision
  const towards = wanted === applied ? '' : ` (wanted: ${wanted ?? 'none'})`
  const state = paint(PHASE_COLOURS[phase], phase)
  const head = `${paint('bold', bridge)}  ${state} for ${age}  revision ${applied ?? 'none'}${towards}`
  return [
    `${head}  ${counts.objects} objects, ${counts.ready} ready`,
    `  ${printable(message)}`,
    ...placeLine(summary, now, paint),
    ...(phase === 'Synced' ? [] : remedyLine(remedy, '  ', paint)),
    // What else is to be warned of stands at its object or in the message.
    ...warnings
      .filter((warning) => warning.startsWith('etcd'))
      .map((warning) => `  ${paint('yellow', 'warning')}: ${printable(warning)}`),
  ]
}

/** `node node-a, etcd http://192.0.2.1:2379: connected for 3m`; nothing of a machine that is alone. */
function placeLine({ node, etcd }: Summary, now: Date, paint: Paint): readonly string[] {
  const name = node === null ? [] : [`node ${node}`]
  if (!etcd) return name.map((text) => `  ${text}`)
  const age = duration(now.getTime() - Date.parse(etcd.since))
  const state = etcd.connected ? `connected for ${age}` : paint('yellow', `silent for ${age}`)
  return [`  ${[...name, `etcd ${etcd.urls.join(',')}`].join(', ')}: ${state}`]
}

function renderTable(objects: readonly ObjectStatus[], paint: Paint): readonly string[] {
  const rows = objects.map((object) => {
    const condition = tellingCondition(object)
    return { object, condition, key: objectKey(object), reason: condition?.reason ?? '' }
  })
  const width = (header: string, texts: readonly string[]): number =>
    texts.reduce((most, text) => Math.max(most, text.length), header.length)
  const keys =
    width(
      'KIND/NAME',
      rows.map(({ key }) => key),
    ) + 2
  const reasons =
    width(
      'REASON',
      rows.map(({ reason }) => reason),
    ) + 2
  const head = `${'KIND/NAME'.padEnd(keys)}${'READY'.padEnd(9)}${'REASON'.padEnd(reasons)}MESSAGE`
  return [
    paint('bold', head),
    ...rows.flatMap(({ object: { ready }, condition, key, reason }) => {
      const readiness = paint(READY_COLOURS[ready], ready) + ' '.repeat(9 - ready.length)
      const line = `${key.padEnd(keys)}${readiness}${reason.padEnd(reasons)}${printable(condition?.message ?? '')}`
      return [line, ...remedyOf(condition, keys, paint)]
    }),
  ]
}

function remedyOf(condition: Condition | undefined, indent: number, paint: Paint): readonly string[] {
  return remedyLine(condition?.remedy, ' '.repeat(indent), paint)
}

function remedyLine(remedy: string | undefined, indent: string, paint: Paint): readonly string[] {
  return remedy === undefined ? [] : [paint('dim', `${indent}${printable(remedy)}`)]
}

/** `5s`, `12m`, `3h`, `2d`: one number, as kubectl has it. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 120) return `${seconds}s`
  if (seconds < 7_200) return `${Math.floor(seconds / 60)}m`
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)}h`
  return `${Math.floor(seconds / 86_400)}d`
}

/** Messages hold what others wrote; a control character would come out of the terminal again. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '\ufffd')
}
