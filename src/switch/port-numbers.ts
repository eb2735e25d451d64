// The names of a bridge's ports, as OpenFlow tells them: no OVSDB is asked.
import type { OpenFlowConnection } from '../openflow/connection.js'
import { PORT } from '../openflow/ports.js'

/**
 * Numbers by name. OpenFlow cuts names to 15 bytes; where two ports have the same name then, it means neither of them.
 */
export async function readPortNumbers(connection: OpenFlowConnection): Promise<ReadonlyMap<string, number>> {
  const replies = await connection.multipart({ type: 'port_desc_request', flags: 0, portNo: PORT.ANY })
  const ports = replies.flatMap((reply) => reply.ports)
  const numbers = new Map(ports.map(({ name, portNo }) => [name, portNo]))
  const shared = ports.filter(({ name, portNo }) => numbers.get(name) !== portNo)
  for (const { name } of shared) numbers.delete(name)
  return numbers
}
