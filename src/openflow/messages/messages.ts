// All messages this program knows: a row is a code per version and a layout.
import { pad, rest, struct, u16, u32 } from '../wire/layout.js'
import { asyncConfig } from './async.js'
import { bundleAdd, bundleControl } from './bundle.js'
import { featuresReply, switchConfig } from './config.js'
import { errorReport } from './error.js'
import { flowMod } from './flow-mod.js'
import { flowMonitorReply, flowMonitorRequest } from './flow-monitor.js'
import { flowRemoved } from './flow-removed.js'
import { aggregateReply, flowStatsReply, flowStatsRequest } from './flow-stats.js'
import {
  groupDescReply,
  groupDescRequest,
  groupFeaturesReply,
  groupMod,
  groupStatsReply,
  groupStatsRequest,
} from './group.js'
import { hello } from './hello.js'
import {
  extensionOf13,
  message,
  messageOrExtension,
  type MessageRecord,
  multipartReply,
  multipartReplyOrExtension,
  multipartRequest,
  multipartRequestOrExtension,
  niciraMessage,
} from './kind.js'
import { meterConfigReply, meterFeaturesReply, meterMod, meterRequest, meterStatsReply } from './meter.js'
import { nxtPacketIn, packetIn, packetInProperties, packetOut } from './packet.js'
import { portDescReply, portDescRequest, portStatus } from './port.js'
import { portStatsReply, portStatsRequest } from './port-stats.js'
import { role, roleStatus } from './role.js'
import { tableFeaturesRequest, tableStatsReply } from './table.js'
import { tlvTableMod, tlvTableReply } from './tlv-table.js'

const nothing = struct({})

export const MESSAGES = {
  hello: message(0, hello),
  error: message(1, errorReport),
  echo_request: message(2, struct({ data: rest })),
  echo_reply: message(3, struct({ data: rest })),
  features_request: message(5, nothing),
  features_reply: message(6, featuresReply),
  get_config_request: message(7, nothing),
  get_config_reply: message(8, switchConfig),
  set_config: message(9, switchConfig),
  packet_in: message(10, packetIn),
  flow_removed: message(11, flowRemoved),
  port_status: message(12, portStatus),
  packet_out: message(13, packetOut),
  flow_mod: message(14, flowMod),
  group_mod: message(15, groupMod),
  flow_stats_request: multipartRequest(1, flowStatsRequest),
  flow_stats_reply: multipartReply(1, flowStatsReply),
  aggregate_request: multipartRequest(2, flowStatsRequest),
  aggregate_reply: multipartReply(2, aggregateReply),
  table_stats_request: multipartRequest(3, nothing),
  table_stats_reply: multipartReply(3, tableStatsReply),
  port_stats_request: multipartRequest(4, portStatsRequest),
  port_stats_reply: multipartReply(4, portStatsReply),
  group_stats_request: multipartRequest(6, groupStatsRequest),
  group_stats_reply: multipartReply(6, groupStatsReply),
  group_desc_request: multipartRequest(7, groupDescRequest),
  group_desc_reply: multipartReply(7, groupDescReply),
  group_features_request: multipartRequest(8, nothing),
  group_features_reply: multipartReply(8, groupFeaturesReply),
  meter_stats_request: multipartRequest(9, meterRequest),
  meter_stats_reply: multipartReply(9, meterStatsReply),
  meter_config_request: multipartRequest(10, meterRequest),
  meter_config_reply: multipartReply(10, meterConfigReply),
  meter_features_request: multipartRequest(11, nothing),
  meter_features_reply: multipartReply(11, meterFeaturesReply),
  table_features_request: multipartRequest(12, tableFeaturesRequest),
  port_desc_request: multipartRequest(13, portDescRequest),
  port_desc_reply: multipartReply(13, portDescReply),
  flow_monitor_request: multipartRequestOrExtension(16, 1870, flowMonitorRequest),
  flow_monitor_reply: multipartReplyOrExtension(16, 1870, flowMonitorReply),
  flow_monitor_cancel: extensionOf13(1870, struct({ monitorId: u32 })),
  flow_monitor_paused: extensionOf13(1871, nothing),
  flow_monitor_resumed: extensionOf13(1872, nothing),
  barrier_request: message(20, nothing),
  barrier_reply: message(21, nothing),
  role_request: message(24, role),
  role_reply: message(25, role),
  get_async_request: message(26, nothing),
  get_async_reply: message(27, asyncConfig),
  set_async: message(28, asyncConfig),
  meter_mod: message(29, meterMod),
  role_status: messageOrExtension(30, 1911, roleStatus),
  bundle_control: messageOrExtension(33, 2300, bundleControl),
  bundle_add: messageOrExtension(34, 2301, bundleAdd),
  nxt_set_packet_in_format: niciraMessage(16, struct({ format: u32 })),
  nxt_packet_in: niciraMessage(17, nxtPacketIn),
  nxt_set_controller_id: niciraMessage(20, struct({ _: pad(6), controllerId: u16 })),
  nxt_tlv_table_mod: niciraMessage(24, tlvTableMod),
  nxt_tlv_table_request: niciraMessage(25, nothing),
  nxt_tlv_table_reply: niciraMessage(26, tlvTableReply),
  nxt_resume: niciraMessage(28, packetInProperties),
  nxt_ct_flush_zone: niciraMessage(29, struct({ _: pad(6), zoneId: u16 })),
  nxt_packet_in2: niciraMessage(30, packetInProperties),
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
