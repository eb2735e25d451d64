import { describe, expect, test } from '@jest/globals'
import { ReconcileError } from '../../src/errors/error.js'
import { decode, encode, type Envelope } from '../../src/openflow/codec.js'
import { canonicalMatch } from '../../src/openflow/fields/canonical.js'
import { type Flow, flowAttributes, flowInstructions, flowKey } from '../../src/openflow/flow.js'
import { flowStatsEntry } from '../../src/openflow/messages/flow-stats.js'
import { NO_NAMES } from '../../src/openflow/text/port-names.js'
import { renderFlow } from '../../src/openflow/text/print.js'
import { OPENFLOW_13 } from '../../src/openflow/version.js'
import { Reader } from '../../src/openflow/wire/reader.js'
import { Writer } from '../../src/openflow/wire/writer.js'
import { type RawVector, rawVectors } from './openflow/vectors.js'

const bytes = (hex: string | null): Buffer => Buffer.from(hex ?? '', 'hex')

function sent({ flow_mod_hex }: RawVector): Flow {
  return decode(bytes(flow_mod_hex)).message as unknown as Flow
}

function back({ flow_stats_entry_hex }: RawVector): Flow {
  return flowStatsEntry.read(new Reader(bytes(flow_stats_entry_hex)), OPENFLOW_13)
}

/** What was decoded, or undefined where the bytes were refused with the one typed error. */
function decoded({ flow_mod_hex }: RawVector): Envelope | undefined {
  try {
    return decode(bytes(flow_mod_hex))
  } catch (error) {
    if (error instanceof ReconcileError && error.code === 'OPENFLOW_MALFORMED') return undefined
    throw error
  }
}

const named = rawVectors.map((vector) => [vector.name, vector] as const)
const taken = named.filter(([, { flow_stats_entry_hex }]) => flow_stats_entry_hex !== null)
const refused = named.filter(([, { error_hex }]) => error_hex !== null)

/** Malformed for us too; the switch refuses the others for what they mean. */
const MALFORMED = [
  'raw-act-bad-len',
  'raw-mod-match-len-long',
  'raw-mod-match-type-0',
  'raw-mod-trailing',
  'raw-mod-truncated',
]

/** Bytes that mean nothing and are not kept: padding that is not zero, the place of the importance in 1.3. */
const REWRITTEN = /^raw-(act-setfield-padding|mod-importance13)$/

describe('an odd flow-mod', () => {
  test('is recorded 87 times', () => {
    expect(named).toHaveLength(87)
    expect(taken).toHaveLength(46)
  })

  test.each(named.filter(([name]) => !MALFORMED.includes(name) && !REWRITTEN.test(name)))(
    'has the same bytes when it has been decoded: %s',
    (_, { flow_mod_hex }) => {
      const { xid, message } = decode(bytes(flow_mod_hex))
      expect(encode(OPENFLOW_13, xid, message).toString('hex')).toBe(flow_mod_hex)
    },
  )

  test('is malformed where its lengths contradict each other', () => {
    expect(refused.filter(([, vector]) => !decoded(vector)).map(([name]) => name).sort()).toEqual(MALFORMED)
  })

  test.each(taken)('has the same bytes as the switch gave back: %s', (_, vector) => {
    const writer = new Writer()
    flowStatsEntry.write(writer, back(vector), OPENFLOW_13)
    expect(writer.finish().toString('hex')).toBe(vector.flow_stats_entry_hex)
  })

  test.each(taken)('is the flow that the switch gave back: %s', (_, vector) => {
    const of = (flow: Flow) => [flowKey(flow), flowInstructions(flow), flowAttributes(flow)]
    expect(of(back(vector))).toEqual(of(sent(vector)))
  })

  test.each(taken)('is printed as ovs-ofctl printed it: %s', (_, vector) => {
    expect(renderFlow(back(vector), NO_NAMES)).toBe(vector.dump_text)
  })
})

describe('fields that say the same in other words', () => {
  const matchOf = (name: string) => canonicalMatch(sent(rawVectors.find((vector) => vector.name === name)!).match)

  test.each([
    ['raw-mask-all-zero', [{ field: 'eth_type', value: '0800' }]],
    ['raw-eth-dst-mask-zero', [{ field: 'packet_type', value: '00000000' }]],
    ['raw-tun-id-nxm', [{ field: 'tun_id', value: '0000000000001f42' }]],
    ['raw-xreg-half', [{ field: 'reg6', value: '00000001' }]],
  ])('%s', (name, match) => {
    expect(matchOf(name)).toEqual(match)
  })
})
