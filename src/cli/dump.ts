// `reconcile dump`: the flows of a bridge onto standard output, each part of the switch's reply as it comes.
import { EXIT, type ExitCode } from '../errors/codes.js'
import { ReconcileError } from '../errors/error.js'
import { connectOpenFlow, type OpenFlowConnection } from '../openflow/connection.js'
import { NO_NAMES, type PortNames, portNames } from '../openflow/text/port-names.js'
import { ALL_FLOWS, type FlowFilter, flowParts } from '../switch/dump.js'
import { parseFlowFilter } from '../switch/flow-filter.js'
import { readPortNumbers } from '../switch/port-numbers.js'
import { bridgeOpenflow } from './bridge-openflow.js'
import type { DumpSettings } from './dump-arguments.js'
import { dumpAsJson, dumpAsText, inPriorityOrder } from './dump-text.js'
import { writeStdout } from './stdout.js'

/** @throws ReconcileError USAGE, and of the connection */
export async function dump(settings: DumpSettings): Promise<ExitCode> {
  const openflow = await bridgeOpenflow(settings)
  const connection = await connectOpenFlow(openflow, { versions: settings.versions })
  try {
    await writeStdout(await dumpText(connection, settings))
    return EXIT.done
  } finally {
    connection.close()
  }
}

async function dumpText(
  connection: OpenFlowConnection,
  { filter, names: wantsNames, stats, sort, output, bridge }: DumpSettings,
): Promise<AsyncIterable<string>> {
  const known = wantsNames || filter !== undefined ? await readPortNames(connection) : NO_NAMES
  const chosen = filter === undefined ? ALL_FLOWS : readFilter(filter, connection, known)
  const xid = connection.nextXid()
  const parts = flowParts(connection, chosen, xid)
  const flows = sort ? inPriorityOrder(parts) : parts
  const { version } = connection
  const print = { names: wantsNames ? known : NO_NAMES, stats }
  if (output === 'json') return dumpAsJson(flows, { bridge, version, ...print })
  // As ovs-ofctl, which writes the parts of the reply as they are only where nothing has to be done to them.
  const header = stats && !sort && !wantsNames ? { version, xid } : undefined
  return dumpAsText(flows, { ...print, header })
}

async function readPortNames(connection: OpenFlowConnection): Promise<PortNames> {
  return portNames(await readPortNumbers(connection))
}

/** @throws ReconcileError USAGE */
function readFilter(text: string, { version }: OpenFlowConnection, names: PortNames): FlowFilter {
  const at = { file: 'MATCH', line: 1, column: 1, length: text.length }
  try {
    return parseFlowFilter({ text, at }, { names, version })
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error
    throw new ReconcileError('USAGE', `In MATCH, ${error.message}`, {
      remedy:
        'Use fields of a match, table, cookie with a mask, out_port and out_group: table=52,ip,nw_dst=10.0.0.0/8.',
      cause: error,
    })
  }
}
