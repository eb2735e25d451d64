// A packet sent on as its connection's flow will send those after it.
import type { Action } from '../openflow/actions/actions.js'
import type { MessageOf } from '../openflow/messages/messages.js'
import { NO_BUFFER } from '../openflow/ports.js'
import { inPort as inPortField } from '../pipeline/match.js'

export type PacketOutMessage = MessageOf<'packet_out'>

/** @param inPort where the packet came in; the switch will not send it out there by number (OpenFlow 1.5.1, section 7.3.6) */
export function packetOutMessage(inPort: number, actions: readonly Action[], data: Buffer): PacketOutMessage {
  const match = [inPortField(inPort)]
  return { type: 'packet_out', bufferId: NO_BUFFER, match, actions, data }
}
