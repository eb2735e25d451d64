// All messages this program knows: a row is a code per version and a layout.
import { pad, rest, struct, u16, u32, u64, u8 } from '../wire/layout.js'
import { asyncConfig } from './async.js'
import { bundleAdd, bundleControl } from './bundle.js'
import { flowMod } from './flow-mod.js'
import { flowRemoved } from './flow-removed.js'
import { flowStatsReply, flowStatsRequest } from './flow-stats.js'
import { hello } from './hello.js'
import { message, messageOrExtension, type MessageRecord, multipartReply, multipartRequest } from './kind.js'
import { packetIn, packetOut } from './packet.js'

const featuresReply = struct({
  datapathId: u64,
  bufferCount: u32,
  tableCount: u8,
  auxiliaryId: u8,
  _: pad(2),
  capabilities: u32,
  reserved: u32,
})

export const MESSAGES = {
  hello: message(0, hello),
  error: message(1, struct({ errorType: u16, errorCode: u16, data: rest })),
  echo_request: message(2, struct({ data: rest })),
  echo_reply: message(3, struct({ data: rest })),
  features_request: message(5, struct({})),
  features_reply: message(6, featuresReply),
  packet_in: message(10, packetIn),
  flow_removed: message(11, flowRemoved),
  packet_out: message(13, packetOut),
  flow_mod: message(14, flowMod),
  flow_stats_request: multipartRequest(1, flowStatsRequest),
  flow_stats_reply: multipartReply(1, flowStatsReply),
  barrier_request: message(20, struct({})),
  barrier_reply: message(21, struct({})),
  set_async: message(28, asyncConfig),
  bundle_control: messageOrExtension(33, 2300, bundleControl),
  bundle_add: messageOrExtension(34, 2301, bundleAdd),
} as const

/** A message of a kind that the table does not list. */
export interface UnknownMessage {
  readonly type: 'unknown'
  readonly code: number
  readonly body: Buffer
}

export type KnownMessage = MessageRecord<typeof MESSAGES>
export type Message = KnownMessage | UnknownMessage
export type MessageOf<T extends Message['type']> = Extract<Message, { readonly type: T }>
