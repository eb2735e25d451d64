import { describe, expect, test } from '@jest/globals'
import { decode, encode } from '../../../../src/openflow/codec.js'
import type { KnownMessage } from '../../../../src/openflow/messages/messages.js'
import { OPENFLOW_13, OPENFLOW_14, OPENFLOW_15, type Version } from '../../../../src/openflow/version.js'
import { type Hex, hexFromNumber } from '../../../../src/values/hex.js'

const u64 = (value: number): Hex => hexFromNumber(value, 8)

const async = {
  packetIn: 3,
  portStatus: 7,
  flowRemoved: 15,
  secondary: { packetIn: 0, portStatus: 7, flowRemoved: 0 },
}
const duration = { durationSec: 5, durationNsec: 6_000_000 }
const onePort = { all: 1, select: 1, indirect: 1, fastFailover: 1 }

// Messages that no vector holds; ovs-ofctl ofp-print (3.1) reads each of these bytes as what the record says.
const PRINTED: readonly (readonly [Version, string, KnownMessage])[] = [
  [OPENFLOW_13, '00000002000000000000000000000007', { type: 'role_request', role: 2, generationId: u64(7) }],
  [OPENFLOW_15, '00000002000000000000000000000007', { type: 'role_request', role: 2, generationId: u64(7) }],
  [OPENFLOW_15, '00000003000000000000000000000008', { type: 'role_reply', role: 3, generationId: u64(8) }],
  [
    OPENFLOW_13,
    '4f4e46000000077700000003000000000000000000000008',
    { type: 'role_status', role: 3, reason: 0, generationId: u64(8), properties: [] },
  ],
  [
    OPENFLOW_15,
    '00000003000000000000000000000008',
    { type: 'role_status', role: 3, reason: 0, generationId: u64(8), properties: [] },
  ],
  [OPENFLOW_15, '', { type: 'get_async_request' }],
  [OPENFLOW_13, '000000030000000000000007000000070000000f00000000', { type: 'get_async_reply', ...async }],
  [
    OPENFLOW_15,
    '00000008000000000001000800000003000200080000000700030008000000070004000800000000000500080000000f',
    { type: 'get_async_reply', ...async },
  ],
  [OPENFLOW_13, '000000030000000000000007000000070000000f00000000', { type: 'set_async', ...async }],
  [
    OPENFLOW_15,
    '00000008000000000001000800000003000200080000000700030008000000070004000800000000000500080000000f',
    { type: 'set_async', ...async },
  ],
  [
    OPENFLOW_15,
    '0003000000000000030000000000000400000000000000050000000000000006',
    {
      type: 'table_stats_reply',
      flags: 0,
      tables: [{ tableId: 3, activeCount: 4, lookupCount: u64(5), matchedCount: u64(6) }],
    },
  ],
  [OPENFLOW_15, '00060000000000000000000100000000', { type: 'group_stats_request', flags: 0, groupId: 1 }],
  [
    OPENFLOW_15,
    '0006000000000000003800000000000100000002000000000000000000000003000000000000000400000005005b8d8000000000000000070000000000000008',
    {
      type: 'group_stats_reply',
      flags: 0,
      groups: [
        {
          groupId: 1,
          refCount: 2,
          packetCount: u64(3),
          byteCount: u64(4),
          ...duration,
          buckets: [{ packetCount: u64(7), byteCount: u64(8) }],
        },
      ],
    },
  ],
  [
    OPENFLOW_15,
    '00080000000000000000000f000000070000000100000002000000030000000400000001000000010000000100000001',
    {
      type: 'group_features_reply',
      flags: 0,
      types: 15,
      capabilities: 7,
      maxGroups: { all: 1, select: 2, indirect: 3, fastFailover: 4 },
      actions: onePort,
    },
  ],
  [
    OPENFLOW_15,
    '0009000000000000000000010038000000000000000000020000000000000003000000000000000400000005005b8d8000000000000000070000000000000008',
    {
      type: 'meter_stats_reply',
      flags: 0,
      meters: [
        {
          meterId: 1,
          flowCount: 2,
          packetInCount: u64(3),
          byteInCount: u64(4),
          ...duration,
          bands: [{ packetBandCount: u64(7), byteBandCount: u64(8) }],
        },
      ],
    },
  ],
  [
    OPENFLOW_15,
    '000b0000000000000000000a000000060000000f01000000',
    {
      type: 'meter_features_reply',
      flags: 0,
      maxMeter: 10,
      bandTypes: 6,
      capabilities: 15,
      maxBands: 1,
      maxColor: 0,
    },
  ],
  [
    OPENFLOW_15,
    '000000010000000400020010000000050000000601000000',
    {
      type: 'meter_mod',
      command: 0,
      flags: 1,
      meterId: 4,
      bands: [{ type: 'dscp_remark', rate: 5, burstSize: 6, precLevel: 1 }],
    },
  ],
  [OPENFLOW_15, '00002320000000140000000000000009', { type: 'nxt_set_controller_id', controllerId: 9 }],
  [
    OPENFLOW_15,
    '000023200000001c00000007fa163e00000500050100000000040010000000000000000000000005',
    {
      type: 'nxt_resume',
      properties: [
        { type: 'packet', data: Buffer.from('fa163e', 'hex') },
        { type: 'reason', reason: 1 },
        { type: 'cookie', cookie: u64(5) },
      ],
    },
  ],
  [
    OPENFLOW_15,
    '000001000000000500180000ffffffff001800000000000000000008000300000001000800000004ffff00300000154d000000010000000068617368000000000000000000000000000000000000000180001804ffffffff',
    {
      type: 'group_mod',
      command: 0,
      groupType: 1,
      groupId: 5,
      commandBucketId: 0xffffffff,
      buckets: [
        {
          bucketId: 0,
          actions: [],
          properties: [
            { type: 'weight', weight: 3 },
            { type: 'watch_port', watchPort: 4 },
          ],
        },
      ],
      properties: [
        {
          type: 'selection_method',
          selectionMethod: 'hash',
          selectionMethodParam: u64(1),
          fields: [{ field: 'ip_dst', value: 'ffffffff' as Hex }],
        },
      ],
    },
  ],
  [
    OPENFLOW_14,
    '0010000000000000000800040000000500080005000000000008000600000000',
    {
      type: 'flow_monitor_reply',
      flags: 0,
      updates: [{ event: 'abbrev', xid: 5 }, { event: 'paused' }, { event: 'resumed' }],
    },
  ],
  [OPENFLOW_13, '4f4e46000000074e00000005', { type: 'flow_monitor_cancel', monitorId: 5 }],
  [OPENFLOW_13, '4f4e46000000074f', { type: 'flow_monitor_paused' }],
  [OPENFLOW_13, '4f4e460000000750', { type: 'flow_monitor_resumed' }],
]

describe('a message that was not recorded', () => {
  test.each(PRINTED.map(([version, hex, message]) => [version, message.type, hex, message] as const))(
    'in version %i, %s, has the bytes that ovs-ofctl reads so',
    (version, _, hex, message) => {
      expect(encode(version, 1, message).toString('hex', 8)).toBe(hex)
      const bytes = encode(version, 1, message)
      expect(decode(bytes)).toEqual({ version, xid: 1, message })
    },
  )
})

describe('a message of one version alone', () => {
  const cancel = { type: 'flow_monitor_cancel', monitorId: 5 } as const

  test('cannot be said in another', () => {
    expect(encode(OPENFLOW_13, 1, cancel).toString('hex', 8)).toBe('4f4e46000000074e00000005')
    expect(() => encode(OPENFLOW_15, 1, cancel)).toThrow('flow_monitor_cancel cannot be said in OpenFlow 1.5')
  })

  test('nor can the pause of a monitor be an update in 1.3', () => {
    const paused = { type: 'flow_monitor_reply', flags: 0, updates: [{ event: 'paused' }] } as const
    expect(decode(encode(OPENFLOW_14, 1, paused)).message).toEqual(paused)
    expect(() => encode(OPENFLOW_13, 1, paused)).toThrow('paused')
  })
})

test('what has more bytes than its kind is malformed', () => {
  const bytes = Buffer.from('0615000900000001ff', 'hex')
  expect(() => decode(bytes)).toThrow(expect.objectContaining({ code: 'OPENFLOW_MALFORMED' }))
})

test('a message of a kind without a name keeps its bytes', () => {
  const hex = '060400100000000100002320000000ff'
  const { version, xid, message } = decode(Buffer.from(hex, 'hex'))
  expect(message.type).toBe('unknown')
  expect(encode(version, xid, message).toString('hex')).toBe(hex)
})
