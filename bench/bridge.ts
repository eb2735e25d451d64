// A bridge as the measurements see it, beside the daemon: how many flows of ours it has, and how long it takes to take as many.
import { join } from 'node:path'
import { encodeBundleAdds } from '../src/openflow/codec.js'
import { connectOpenFlow, type OpenFlowConnection } from '../src/openflow/connection.js'
import type { Match } from '../src/openflow/fields/match.js'
import type { Flow } from '../src/openflow/flow.js'
import { ATOMIC_ORDERED, BUNDLE_CONTROL } from '../src/openflow/messages/bundle.js'
import { FLOW_COMMAND } from '../src/openflow/messages/flow-mod.js'
import { ALL_TABLES, ANY_GROUP, NO_BUFFER, PORT } from '../src/openflow/ports.js'
import { OWNER_COOKIE, OWNER_MASK } from '../src/pipeline/cookie.js'
import type { FlowModMessage } from '../src/switch/flow-mods.js'
import { zeroHex } from '../src/values/hex.js'
import type { Lab } from '../test/support/lab.js'

export const PATIENCE_MS = 120_000

export function connect(lab: Lab, bridge: string): Promise<OpenFlowConnection> {
  return connectOpenFlow(
    { kind: 'unix', path: join(lab.runDir, `${bridge}.mgmt`) },
    { timeoutMs: PATIENCE_MS },
  )
}

/** Milliseconds in which the switch takes these flows in one atomic bundle; nothing is encoded in them. */
export async function timeBundle(connection: OpenFlowConnection, flows: readonly Flow[]): Promise<number> {
  connection.send(deletion([]))
  await connection.barrier()
  const bundle = { bundleId: connection.nextXid(), flags: ATOMIC_ORDERED }
  const adds = encodeBundleAdds(
    connection.version,
    connection.nextXids(flows.length),
    bundle,
    flows.map((flow) => modification(FLOW_COMMAND.add, flow)),
  )
  const control = (action: keyof typeof BUNDLE_CONTROL) =>
    ({ type: 'bundle_control', control: BUNDLE_CONTROL[action], ...bundle }) as const
  const begin = performance.now()
  connection.send(control('open_request'))
  connection.sendEncoded(adds)
  await connection.request(control('commit_request'))
  const elapsed = performance.now() - begin
  if ((await countFlows(connection)) !== flows.length) throw new Error('the bundle was not applied')
  return elapsed
}

/** Flows of ours. */
export async function countFlows(connection: OpenFlowConnection): Promise<number> {
  const [reply] = await connection.multipart({
    ...{ type: 'aggregate_request', flags: 0, tableId: ALL_TABLES, outPort: PORT.ANY, outGroup: ANY_GROUP },
    ...{ cookie: OWNER_COOKIE, cookieMask: OWNER_MASK, match: [] },
  })
  if (!reply || !('stats' in reply)) throw new Error('no counters')
  return reply.stats.flowCount ?? 0
}

/** Of all flows of ours that match. */
export function deletion(match: Match): FlowModMessage {
  const flow = { priority: 0, idleTimeout: 0, hardTimeout: 0, importance: 0, flags: 0, instructions: [] }
  return modification(FLOW_COMMAND.delete, { ...flow, tableId: ALL_TABLES, cookie: OWNER_COOKIE, match })
}

function modification(command: number, flow: Flow): FlowModMessage {
  const cookieMask = command === FLOW_COMMAND.delete ? OWNER_MASK : zeroHex(8)
  const rest = { cookieMask, bufferId: NO_BUFFER, outPort: PORT.ANY, outGroup: ANY_GROUP }
  return { type: 'flow_mod', command, ...flow, ...rest }
}
