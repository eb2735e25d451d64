// The ports of a bridge as OpenFlow describes them, and their numbers by name: no OVSDB is asked.
import type { OpenFlowConnection } from '../openflow/connection.js'
import type { Port } from '../openflow/messages/port.js'
import { PORT } from '../openflow/ports.js'

/** @throws ReconcileError of the connection */
export async function describePorts(connection: OpenFlowConnection): Promise<readonly Port[]> {
  const replies = await connection.multipart({ type: 'port_desc_request', flags: 0, portNo: PORT.ANY })
  return replies.flatMap(({ ports }) => ports)
}

/**
 * Numbers by name. OpenFlow cuts names to 15 bytes; where two ports have the same name then, it means neither of them.
 */
export async function readPortNumbers(connection: OpenFlowConnection): Promise<ReadonlyMap<string, number>> {
  const ports = await describePorts(connection)
  const numbers = new Map(ports.map(({ name, portNo }) => [name, portNo]))
  const shared = ports.filter(({ name, portNo }) => numbers.get(name) !== portNo)
  for (const { name } of shared) numbers.delete(name)
  return numbers
}
