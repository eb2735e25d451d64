// `reconcile diff`: the flows of two sources side by side; what differs goes to standard output.
import { readFile } from 'node:fs/promises'
import { text as readStream } from 'node:stream/consumers'
import { EXIT, type ExitCode } from '../errors/codes.js'
import { ReconcileError } from '../errors/error.js'
import { systemReason } from '../errors/system-reason.js'
import { connectOpenFlow } from '../openflow/connection.js'
import type { Flow } from '../openflow/flow.js'
import { parseDump } from '../openflow/text/dump.js'
import { NO_NAMES, type PortNames, portNames } from '../openflow/text/port-names.js'
import { compareFlows, type FlowDifference } from '../plan/flow-differences.js'
import { differencesToJson, renderDifference } from '../plan/render-differences.js'
import { dumpFlows } from '../switch/dump.js'
import { readPortNumbers } from '../switch/port-numbers.js'
import { bridgeOpenflow } from './bridge-openflow.js'
import { type DiffSettings, type FlowSource, STANDARD_INPUT } from './diff-arguments.js'
import { painter } from './painter.js'
import { writeStdout } from './stdout.js'

/** @throws ReconcileError INVALID_DUMP, PATH_UNREADABLE, USAGE, and of the connection */
export async function diff(settings: DiffSettings): Promise<ExitCode> {
  const { a, b, names } = await readSides(settings)
  const differences = compareFlows(a, b)
  if (!settings.quiet) await writeStdout(renderDifferences(differences, names, settings))
  return differences.length > 0 ? EXIT.differences : EXIT.done
}

interface Sides {
  readonly a: readonly Flow[]
  readonly b: readonly Flow[]
  /** For what is printed. */
  readonly names: PortNames
}

/** The switch is asked first: it knows the names that a file may have. */
async function readSides(settings: DiffSettings): Promise<Sides> {
  const { a, b, portMap } = settings
  const installed = isSwitch(a) || isSwitch(b) ? await readSwitch(settings) : undefined
  const names = portNames([...portMap, ...(installed?.ports ?? [])])
  const read = async (source: FlowSource): Promise<readonly Flow[]> => {
    switch (source.kind) {
      case 'switch':
        return installed?.flows ?? []
      case 'empty':
        return []
      case 'file':
        return readFlows(source.file, names)
    }
  }
  return { a: await read(a), b: await read(b), names: settings.names ? names : NO_NAMES }
}

function isSwitch({ kind }: FlowSource): boolean {
  return kind === 'switch'
}

interface Installed {
  readonly flows: readonly Flow[]
  readonly ports: ReadonlyMap<string, number>
}

async function readSwitch(settings: DiffSettings): Promise<Installed> {
  const connection = await connectOpenFlow(await bridgeOpenflow(settings), { versions: settings.versions })
  try {
    return { ports: await readPortNumbers(connection), flows: await dumpFlows(connection) }
  } finally {
    connection.close()
  }
}

/** All lines have to be understood, whosever flows they are. */
async function readFlows(file: string, names: PortNames): Promise<readonly Flow[]> {
  return parseDump(file, await readText(file), { names, isOurs: () => true })
}

async function readText(file: string): Promise<string> {
  try {
    return file === STANDARD_INPUT ? await readStream(process.stdin) : await readFile(file, 'utf8')
  } catch (cause) {
    const message = `Cannot read the flows in "${file}": ${systemReason(cause)}.`
    throw new ReconcileError('PATH_UNREADABLE', message, {
      remedy: 'Save a dump with: reconcile dump > FILE.',
      cause,
    })
  }
}

function* renderDifferences(
  differences: readonly FlowDifference[],
  names: PortNames,
  { output, color }: DiffSettings,
): Iterable<string> {
  if (output === 'json') {
    yield `${JSON.stringify(differencesToJson(differences, names), null, 2)}\n`
    return
  }
  const paint = painter(color, process.stdout)
  for (const difference of differences) yield `${renderDifference(difference, names, paint).join('\n')}\n`
}
