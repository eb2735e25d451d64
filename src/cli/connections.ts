// `reconcile connections`: the reactive flows of a bridge, read from the switch itself, as a list of who speaks to whom.
import { EXIT, type ExitCode } from '../errors/codes.js'
import { ingress } from '../features/ingress/index.js'
import { loadManifests } from '../manifest/load.js'
import { type ManifestSet, NO_MANIFESTS } from '../manifest/model.js'
import { connectOpenFlow, type OpenFlowConnection } from '../openflow/connection.js'
import type { FlowEntry } from '../openflow/messages/flow-stats.js'
import { OPENFLOW_15, renderVersion } from '../openflow/version.js'
import { parseCookie } from '../pipeline/cookie.js'
import { segmentationIdOf } from '../pipeline/registers.js'
import { type FlowFilter, flowParts } from '../switch/dump.js'
import { flowsOfFeature, REACTIVE_FLOWS } from '../switch/flow-selection.js'
import { readPortNumbers } from '../switch/port-numbers.js'
import { objectHash } from '../values/hash.js'
import { type Hex, numberFromHex } from '../values/hex.js'
import type { Mac } from '../values/mac.js'
import { bridgeOpenflow } from './bridge-openflow.js'
import {
  connectionList,
  type ConnectionRecord,
  type KnownPort,
  type NamedPort,
  type PortLookup,
} from './connection-list.js'
import { renderConnections } from './connection-text.js'
import type { ConnectionsSettings } from './connections-arguments.js'
import { reportProblems } from './problems.js'
import { writeStdout } from './stdout.js'

/** @throws ReconcileError USAGE, and of the connection */
export async function connections(settings: ConnectionsSettings): Promise<ExitCode> {
  const { paths, versions } = settings
  const openflow = await bridgeOpenflow(settings)
  const { store, problems, files } =
    paths.length === 0 ? NOTHING_READ : await loadManifests(paths, process.stdin)
  if (problems.length > 0) return reportProblems(problems, files)
  const connection = await connectOpenFlow(openflow, { versions })
  try {
    const now = new Date()
    const list = await readConnections(connection, store?.all() ?? NO_MANIFESTS, now)
    const chosen = list.filter(({ kind }) => settings.kind === undefined || kind === settings.kind)
    await print(chosen, now, connection, settings)
    return EXIT.done
  } finally {
    connection.close()
  }
}

const NOTHING_READ = { store: undefined, problems: [], files: [] }

async function readConnections(
  connection: OpenFlowConnection,
  manifests: ManifestSet,
  now: Date,
): Promise<readonly ConnectionRecord[]> {
  const numbers = await readPortNumbers(connection)
  const owned = await dump(connection, flowsOfFeature(ingress))
  const entries = await dump(connection, REACTIVE_FLOWS)
  return connectionList(entries, portLookup(numbers, owned, manifests), now)
}

async function dump(connection: OpenFlowConnection, filter: FlowFilter): Promise<readonly FlowEntry[]> {
  const entries: FlowEntry[] = []
  for await (const { flows } of flowParts(connection, filter, connection.nextXid())) {
    for (const flow of flows) entries.push(flow)
  }
  return entries
}

/** A port's first flow tells its object and its network; OpenFlow its name. */
function portLookup(
  numbers: ReadonlyMap<string, number>,
  owned: readonly FlowEntry[],
  manifests: ManifestSet,
): PortLookup {
  const ports = new Map(manifests.ports.map((port) => [objectHash('Port', port.name), port] as const))
  const interfaces = new Map([...numbers].map(([name, ofport]) => [ofport, name]))
  const owners = new Map(owned.flatMap(ownerOf))
  const local = (ofport: number, object?: Hex): KnownPort => {
    const owner = owners.get(ofport)
    const hash = owner?.object ?? object
    return {
      interface: interfaces.get(ofport),
      segmentationId: owner?.segmentationId,
      port: hash && ports.get(hash),
    }
  }
  return { local, remote: remoteLookup(manifests) }
}

function remoteLookup({ networks, ports }: ManifestSet): PortLookup['remote'] {
  const ids = new Map(networks.map(({ name, segmentationId }) => [name, segmentationId]))
  const keyOf = (segmentationId: number | undefined, mac: Mac) => `${segmentationId ?? ''} ${mac}`
  const byMac = new Map<string, NamedPort>(
    ports.map((port) => [keyOf(ids.get(port.network), port.macAddress), port]),
  )
  return (segmentationId, mac) => byMac.get(keyOf(segmentationId, mac))
}

interface Owner {
  readonly object: Hex
  readonly segmentationId: number
}

function ownerOf({ cookie, match, instructions }: FlowEntry): readonly (readonly [number, Owner])[] {
  const inPort = match.find(({ field }) => field === 'in_port')?.value
  const written = instructions.find(({ type }) => type === 'write_metadata')
  const object = parseCookie(cookie)?.object
  if (!inPort || !object || written?.type !== 'write_metadata') return []
  return [[numberFromHex(inPort), { object, segmentationId: segmentationIdOf(written.value) }]]
}

async function print(
  list: readonly ConnectionRecord[],
  now: Date,
  { version }: OpenFlowConnection,
  { output, bridge }: ConnectionsSettings,
): Promise<void> {
  if (output === 'json') {
    await writeStdout(jsonPieces(list, bridge, renderVersion(version)))
    return
  }
  await writeStdout([list.length === 0 ? 'no connections\n' : `${renderConnections(list, now)}\n`])
  if (version < OPENFLOW_15 && list.length > 0) {
    process.stderr.write(
      `OpenFlow ${renderVersion(version)} does not say how long a flow has been idle: LEFT is "?".\n`,
    )
  }
}

function* jsonPieces(list: readonly ConnectionRecord[], bridge: string, version: string): Generator<string> {
  yield `{"bridge":${JSON.stringify(bridge)},"version":"${version}","connections":[`
  let between = '\n'
  for (const connection of list) {
    yield between + JSON.stringify(connection)
    between = ',\n'
  }
  yield '\n]}\n'
}
