// Actions and instructions out of typed values.
import { type Hex, hexFromNumber } from '../values/hex.js'
import { hexFromIpv4, type Ipv4 } from '../values/ipv4.js'
import { hexFromMac, type Mac } from '../values/mac.js'
import { type Action, moveField } from '../openflow/actions/actions.js'
import type { Instruction } from '../openflow/actions/instructions.js'
import { fieldNamed } from '../openflow/fields/fields.js'
import { PORT, WHOLE_PACKET } from '../openflow/ports.js'
import { firstTableFrom, type StageName } from './stages.js'

export const DEC_TTL: Action = { type: 'dec_ttl' }

export function output(port: number): Action {
  return { type: 'output', port, maxLen: 0 }
}

/** Back out of the port it came in by; a plain output to that port is dropped by the switch. */
export const OUTPUT_IN_PORT: Action = output(PORT.IN_PORT)

/** The whole packet, as nothing is buffered in the switch. */
export const TO_CONTROLLER: Action = { type: 'output', port: PORT.CONTROLLER, maxLen: WHOLE_PACKET }

export function setMac(field: 'eth_src' | 'eth_dst' | 'arp_sha', mac: Mac): Action {
  return setField(field, hexFromMac(mac))
}

export function setIp(field: 'arp_spa' | 'ip_src', address: Ipv4): Action {
  return setField(field, hexFromIpv4(address))
}

export function setArpOp(op: number): Action {
  return setField('arp_op', hexFromNumber(op, 2))
}

export function setTtl(hops: number): Action {
  return { type: 'set_nw_ttl', ttl: hops }
}

/** The network of a packet on its way to another node. */
export function setTunnelId(segmentationId: number): Action {
  return setField('tun_id', hexFromNumber(segmentationId, 8))
}

/** The same where it crosses a patch port. @param segmentationId 0: it has crossed it */
export function setMark(segmentationId: number): Action {
  return setField('pkt_mark', hexFromNumber(segmentationId, 4))
}

/** @param address tunnel address of the node that a packet goes to */
export function setTunnelTarget(address: Ipv4): Action {
  return setField('tun_dst', hexFromIpv4(address))
}

export function setIcmpType(type: number): Action {
  return setField('icmp_type', hexFromNumber(type, 1))
}

function setField(field: string, value: Hex): Action {
  return { type: 'set_field', field, value }
}

export function move(source: string, target: string, bits?: number): Action {
  return moveField(fieldNamed(source), fieldNamed(target), bits)
}

export function apply(...actions: readonly Action[]): Instruction {
  return { type: 'apply_actions', actions }
}

/** On to the first table of this stage or, while it is empty, of the next one that has a table. */
export function goto(stage: StageName): Instruction {
  return { type: 'goto_table', tableId: firstTableFrom(stage).id }
}

export const DROP: readonly Instruction[] = []
