// Groups and their buckets (OpenFlow 1.5.1, sections 7.3.4.4, 7.3.5.9 to 7.3.5.11). What 1.3 and 1.4 have in fixed fields of a
// bucket, 1.5 has in properties; the record has properties in all.
import { oxmFields } from '../fields/match.js'
import type { Hex } from '../../values/hex.js'
import { actionList } from '../actions/actions.js'
import { ANY_GROUP, PORT } from '../ports.js'
import { OPENFLOW_15 } from '../version.js'
import {
  absent,
  type Infer,
  type Layout,
  list,
  pad,
  since,
  struct,
  u16,
  u32,
  u64,
  u8,
} from '../wire/layout.js'
import { fixedProperties, properties } from '../wire/property.js'
import { counted, measured, sequence, text } from '../wire/sections.js'

export const GROUP_COMMAND = { add: 0, modify: 1, delete: 2, insert_bucket: 3, remove_bucket: 5 } as const

export const GROUP_TYPE = { all: 0, select: 1, indirect: 2, fast_failover: 3 } as const

/** Every group, in a request and in a delete. */
export const ALL_GROUPS = 0xfffffffc

/** Every bucket, where 1.5 asks for one. */
export const ALL_BUCKETS = 0xffffffff

const weight = struct({ weight: u16 })
const watchPort = struct({ watchPort: u32 })
const watchGroup = struct({ watchGroup: u32 })

export const BUCKET_PROPERTIES = {
  weight: { code: 0, layout: struct({ weight: u16, _: pad(2) }) },
  watch_port: { code: 1, layout: watchPort },
  watch_group: { code: 2, layout: watchGroup },
} as const

const bucketProperties = properties(BUCKET_PROPERTIES)
type BucketProperty = Infer<typeof bucketProperties>[number]

/** What says how packets are spread over buckets: an extension by Netronome that Open vSwitch speaks. */
export const GROUP_PROPERTIES = {
  selection_method: {
    code: 0xffff,
    experimenter: '0000154d00000001' as Hex,
    layout: struct({ _: pad(4), selectionMethod: text(16), selectionMethodParam: u64, fields: oxmFields }),
  },
} as const

const groupProperties = properties(GROUP_PROPERTIES)
type GroupProperties = Infer<typeof groupProperties>

const bucket15 = measured(
  sequence(
    counted('actions', actionList, struct({ bucketId: u32 })),
    struct({ properties: bucketProperties }),
  ),
)

export type Bucket = Infer<typeof bucket15>

const bucketBefore15 = measured(
  struct({
    properties: fixedProperties<BucketProperty>([
      { layout: weight, absent: { type: 'weight', weight: 0 } },
      { layout: watchPort, absent: { type: 'watch_port', watchPort: PORT.ANY } },
      { layout: watchGroup, absent: { type: 'watch_group', watchGroup: ANY_GROUP } },
    ]),
    _: pad(4),
    bucketId: absent(0, 0),
    actions: actionList,
  }),
)

const buckets: Layout<readonly Bucket[]> = list(since<Bucket>(OPENFLOW_15, bucket15, bucketBefore15))
const noProperties = absent<GroupProperties>([], 0)

const identity = { groupType: u8, _1: pad(1), groupId: u32 }

const groupMod15 = sequence(
  struct({ command: u16, ...identity }),
  sequence(
    counted('buckets', buckets, struct({ _: pad(2), commandBucketId: u32 })),
    struct({ properties: groupProperties }),
  ),
)

export type GroupMod = Infer<typeof groupMod15>

export const groupMod: Layout<GroupMod> = since<GroupMod>(
  OPENFLOW_15,
  groupMod15,
  struct({
    command: u16,
    ...identity,
    commandBucketId: absent(ALL_BUCKETS, 0),
    buckets,
    properties: noProperties,
  }),
)

const groupDesc15 = measured(
  sequence(
    struct(identity),
    sequence(counted('buckets', buckets, struct({ _: pad(6) })), struct({ properties: groupProperties })),
  ),
)

export type GroupDesc = Infer<typeof groupDesc15>

/** Before 1.5 all groups are asked for. */
export const groupDescRequest = struct({
  groupId: since(OPENFLOW_15, u32, absent(ALL_GROUPS, 0)),
  _: since(OPENFLOW_15, pad(4), pad(0)),
})

export const groupDescReply = struct({
  groups: list(
    since<GroupDesc>(
      OPENFLOW_15,
      groupDesc15,
      measured(struct({ ...identity, buckets, properties: noProperties })),
    ),
  ),
})

export const groupStatsRequest = struct({ groupId: u32, _: pad(4) })

export const groupStatsReply = struct({
  groups: list(
    measured(
      struct({
        _1: pad(2),
        groupId: u32,
        refCount: u32,
        _2: pad(4),
        packetCount: u64,
        byteCount: u64,
        durationSec: u32,
        durationNsec: u32,
        buckets: list(struct({ packetCount: u64, byteCount: u64 })),
      }),
    ),
  ),
})

/** One number for each group type: all, select, indirect, fast failover. */
const perType = struct({ all: u32, select: u32, indirect: u32, fastFailover: u32 })

/** Bit masks of types and of capabilities; greatest numbers of groups, and bit masks of actions, by type. */
export const groupFeaturesReply = struct({
  types: u32,
  capabilities: u32,
  maxGroups: perType,
  actions: perType,
})
