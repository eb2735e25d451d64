// The configuration file: settings that a site keeps in a file rather than in flags. Flags and environment win.
//
//   connections:
//     idleTimeout: 300   # seconds without packets until the switch forgets a connection; 0: never
//     hardTimeout: 0     # seconds until it forgets any connection; 0: never
//     maxPerPort: 1000   # flows of connections that one port may have; beyond it a flow leads to a whole subnet
//   packetIn:
//     rate: 200          # packets a second that each port may send to the controller; 0: any number
//     burst: 200         # of these at once after a silence; default: as the rate
//   sync:
//     onDrift: correct   # flows that others change under --watch: correct, warn (say so), or ignore
import { readFile } from 'node:fs/promises'
import { ReconcileError } from '../errors/error.js'
import type { ConnectionTimeouts } from '../features/east-west/index.js'
import type { OnDrift } from '../reconcile/drift-policy.js'
import type { PacketInLimit } from '../plan/meters.js'
import { parseYaml, type YamlDocument } from '../manifest/yaml-documents.js'
import { MAX_PACKETS } from './options.js'

export interface Config {
  readonly connections: Partial<ConnectionTimeouts & { readonly maxPerPort: number }>
  readonly packetIn: Partial<PacketInLimit>
  readonly sync: { readonly onDrift?: OnDrift }
}

const NO_CONFIG: Config = { connections: {}, packetIn: {}, sync: {} }

const CONNECTION_KEYS = ['idleTimeout', 'hardTimeout', 'maxPerPort'] as const

const PACKET_IN_KEYS = ['rate', 'burst'] as const

const ON_DRIFT: readonly OnDrift[] = ['correct', 'warn', 'ignore']

/** @throws ReconcileError INVALID_CONFIG with the place in the file, PATH_UNREADABLE */
export async function readConfig(path: string | undefined): Promise<Config> {
  if (path === undefined) return NO_CONFIG
  return parseConfig(path, await readText(path))
}

export function parseConfig(path: string, text: string): Config {
  const { documents, problems } = parseYaml(path, text)
  const [problem] = problems
  if (problem) throw asConfigError(problem)
  const [document, second] = documents
  if (second) throw invalid(second, '', 'a configuration file is one document')
  if (!document) return NO_CONFIG
  const keys = ['connections', 'packetIn', 'sync'] as const
  const { connections = {}, packetIn = {}, sync = {} } = mapping(document, document.value, '', keys)
  return {
    connections: mapping(document, connections, '/connections', CONNECTION_KEYS, connectionSetting),
    packetIn: mapping(document, packetIn, '/packetIn', PACKET_IN_KEYS, packets),
    sync: mapping(document, sync, '/sync', ['onDrift'], onDrift),
  }
}

function asConfigError({ message, remedy, at }: ReconcileError): ReconcileError {
  return new ReconcileError('INVALID_CONFIG', message, { ...(remedy && { remedy }), ...(at && { at }) })
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new ReconcileError('PATH_UNREADABLE', `Cannot read the configuration file "${path}".`, {
      remedy: 'Check --config and RECONCILE_CONFIG.',
      cause,
    })
  }
}

/** A mapping with no other keys than these, each value checked. */
function mapping<K extends string, V>(
  document: YamlDocument,
  value: unknown,
  pointer: string,
  keys: readonly K[],
  check: (document: YamlDocument, value: unknown, pointer: string) => V = (_, item) => item as V,
): Partial<Record<K, V>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(document, pointer, 'this is not a mapping')
  }
  const known: readonly string[] = keys
  const entries = Object.entries(value).map(([key, item]) => {
    const at = `${pointer}/${key}`
    if (!known.includes(key))
      throw invalid(document, at, `there is no "${key}" here; use ${keys.join(' or ')}`)
    return [key, check(document, item, at)]
  })
  return Object.fromEntries(entries) as Partial<Record<K, V>>
}

function connectionSetting(document: YamlDocument, value: unknown, pointer: string): number {
  if (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 0xffff) return Number(value)
  const what = pointer.endsWith('/maxPerPort') ? 'flows' : 'seconds'
  throw invalid(document, pointer, `this is not a whole number of ${what}, 0 to 65535`)
}

/** A meter without a burst lets nothing pass. */
function packets(document: YamlDocument, value: unknown, pointer: string): number {
  const least = pointer.endsWith('burst') ? 1 : 0
  if (Number.isInteger(value) && Number(value) >= least && Number(value) <= MAX_PACKETS) return Number(value)
  throw invalid(document, pointer, `this is not a whole number of packets, ${least} to ${MAX_PACKETS}`)
}

function onDrift(document: YamlDocument, value: unknown, pointer: string): OnDrift {
  const known = ON_DRIFT.find((name) => name === value)
  if (known === undefined) throw invalid(document, pointer, `this is not one of ${ON_DRIFT.join(', ')}`)
  return known
}

function invalid(document: YamlDocument, pointer: string, what: string): ReconcileError {
  return new ReconcileError('INVALID_CONFIG', `In the configuration ${what}.`, {
    at: document.at(pointer),
    remedy:
      'The file may hold connections.idleTimeout and connections.hardTimeout, in seconds, connections.maxPerPort, packetIn.rate and packetIn.burst, in packets, and sync.onDrift.',
  })
}
