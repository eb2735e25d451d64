import { describe, expect, test } from '@jest/globals'
import { decode, encode } from '../../src/openflow/codec.js'
import { canonicalMatch, wireMatch } from '../../src/openflow/fields/canonical.js'
import { type Flow, flowKey } from '../../src/openflow/flow.js'
import { flowStatsEntry } from '../../src/openflow/messages/flow-stats.js'
import { parseFlow } from '../../src/openflow/text/parse.js'
import { NO_NAMES } from '../../src/openflow/text/port-names.js'
import { renderFlow } from '../../src/openflow/text/print.js'
import { OPENFLOW_13, OPENFLOW_15, type Version } from '../../src/openflow/version.js'
import { Reader } from '../../src/openflow/wire/reader.js'
import { type MatchVector, matchVectors } from './openflow/vectors.js'

function read(text: string): Flow {
  return parseFlow({ text, at: { file: 'vector', line: 1, column: 1, length: 1 } }, { names: NO_NAMES })
}

function wireVersion({ version }: MatchVector): Version {
  return version === 'OpenFlow13' ? OPENFLOW_13 : OPENFLOW_15
}

function bytes(hex: string | null): Buffer {
  return Buffer.from(hex ?? '', 'hex')
}

function sentFlow(vector: MatchVector): Flow {
  return decode(bytes(vector.flow_mod_hex)).message as unknown as Flow
}

function entry(vector: MatchVector): Flow {
  return flowStatsEntry.read(new Reader(bytes(vector.flow_stats_entry_hex)), wireVersion(vector))
}

const all = matchVectors.map((vector) => [`${vector.version} ${vector.text}`, vector] as const)
const dumped = all.filter(([, { flow_stats_entry_hex }]) => flow_stats_entry_hex !== null)

describe('a match in the notation of ovs-ofctl', () => {
  test('is recorded for every field', () => {
    expect(all.length).toBeGreaterThanOrEqual(250)
    expect(dumped.length).toBeGreaterThanOrEqual(220)
  })

  test.each(all)('becomes the bytes that ovs-ofctl sent: %s', (_, vector) => {
    const version = wireVersion(vector)
    const message = { ...decode(bytes(vector.flow_mod_hex)).message }
    const match = wireMatch(read(vector.text).match, version)
    expect(encode(version, 1, { ...message, match } as typeof message).toString('hex')).toBe(vector.flow_mod_hex)
  })

  test.each(all)('has the same bytes when it has been decoded: %s', (_, vector) => {
    const message = decode(bytes(vector.flow_mod_hex)).message
    expect(encode(wireVersion(vector), 1, message).toString('hex')).toBe(vector.flow_mod_hex)
  })

  test.each(all)('means what was sent: %s', (_, vector) => {
    expect(canonicalMatch(sentFlow(vector).match)).toEqual(read(vector.text).match)
  })

  test.each(dumped)('has the key of the entry the switch gave back: %s', (_, vector) => {
    expect(flowKey(entry(vector))).toBe(flowKey(sentFlow(vector)))
  })

  test.each(dumped)('is printed as ovs-ofctl printed it: %s', (_, vector) => {
    expect(renderFlow(entry(vector), NO_NAMES)).toBe(vector.dump_text)
  })
})

// The text says less than the switch matches on: values that are shown without their mask, or not shown at all.
const LOSSY = /gbp_flags=0x1\/|erspan|gtpu|tcp_flags=0xfff\/0xfff|^priority=5,(eth|packet_type=\(0,0\)),actions/

describe('a dump of a match', () => {
  test.each(dumped.filter(([, { text }]) => !LOSSY.test(text)))('reads back as the same match: %s', (_, vector) => {
    expect(flowKey(read(vector.dump_text ?? ''))).toBe(flowKey(entry(vector)))
  })

  test('differs where the matches differ', () => {
    const texts = new Map(dumped.map(([, vector]) => [flowKey(entry(vector)), vector.dump_text]))
    const keys = new Map(dumped.map(([, vector]) => [vector.dump_text, flowKey(entry(vector))]))
    expect(keys.size).toBe(texts.size)
  })
})
