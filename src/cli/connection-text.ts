// Connections to a table for people, one line a connection.
import { duration } from '../status/render-status.js'
import type { ConnectionRecord, Direction, End } from './connection-list.js'
import { type Column, renderTable } from './table.js'

/** No flow, or nothing to say. */
const NONE = '-'
/** The switch does not say. */
const UNKNOWN = '?'
const NEVER = 'never'

/** Nothing is cut off; names of ports have columns only where one is known, and nodes where there is more than one. */
export function renderConnections(connections: readonly ConnectionRecord[], now: Date): string {
  const ends = connections.flatMap(({ a, b }) => [a, b])
  const names = { ports: ends.some(({ port }) => port !== null), nodes: ends.some(isElsewhere) }
  return renderTable(
    [
      { title: 'KIND', cell: ({ kind }) => kind },
      ...endColumns('A', names, ({ a }) => a),
      ...endColumns('B', names, ({ b }) => b),
      { title: 'SINCE', cell: ({ since }) => age(since, now), isNumber: true },
      ...directionColumns('LEFT', left),
      ...directionColumns('PACKETS', ({ packets }) => count(packets)),
      ...directionColumns('BYTES', ({ bytes }) => count(bytes)),
    ],
    connections,
  )
}

type EndOf = (connection: ConnectionRecord) => End

/** The switch gives it no number, and all the same it is known. */
function isElsewhere({ ofport, port }: End): boolean {
  return ofport === null && port !== null
}

interface Names {
  readonly ports: boolean
  readonly nodes: boolean
}

function endColumns(name: string, has: Names, endOf: EndOf): readonly Column<ConnectionRecord>[] {
  const node = { title: `NODE-${name}`, cell: (row: ConnectionRecord) => endOf(row).node ?? NONE }
  const port = { title: `PORT-${name}`, cell: (row: ConnectionRecord) => endOf(row).port ?? NONE }
  return [
    { title: name, cell: (row) => endOf(row).address ?? NONE },
    { title: `INTERFACE-${name}`, cell: (row) => interfaceOf(endOf(row)) },
    ...(has.ports ? [port] : []),
    ...(has.nodes ? [node] : []),
  ]
}

function directionColumns(
  name: string,
  cell: (direction: Direction) => string,
): readonly Column<ConnectionRecord>[] {
  return [
    { title: `${name}>`, cell: ({ aToB }) => (aToB ? cell(aToB) : NONE), isNumber: true },
    { title: `<${name}`, cell: ({ bToA }) => (bToA ? cell(bToA) : NONE), isNumber: true },
  ]
}

/** A port that has gone has no name, but its flow still has its number. */
function interfaceOf(end: End): string {
  return end.interface ?? (end.ofport === null ? NONE : String(end.ofport))
}

function age(since: string | null, now: Date): string {
  return since === null ? UNKNOWN : duration(now.getTime() - Date.parse(since))
}

function count(number: number | null): string {
  return number === null ? UNKNOWN : String(number)
}

/** Whichever timeout comes first. */
function left({ idleTimeout, hardTimeout, idleLeft, hardLeft }: Direction): string {
  if (idleTimeout === 0 && hardTimeout === 0) return NEVER
  const isUnknown = idleTimeout > 0 && idleLeft === null
  const known = [idleLeft, hardLeft].filter((seconds) => seconds !== null)
  return isUnknown || known.length === 0 ? UNKNOWN : `${Math.ceil(Math.min(...known))}s`
}
