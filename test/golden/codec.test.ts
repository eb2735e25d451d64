import { describe, expect, test } from '@jest/globals'
import { flowStatsEntry } from '../../src/openflow/messages/flow-stats.js'
import { decode, encode } from '../../src/openflow/codec.js'
import { OPENFLOW_13, OPENFLOW_15, type Version } from '../../src/openflow/version.js'
import { Reader } from '../../src/openflow/wire/reader.js'
import { Writer } from '../../src/openflow/wire/writer.js'
import { type FlowVector, flowVectors, messageVectors, rawVectors } from './openflow/vectors.js'

/** The bytes of what the bytes say, and what kind of message that is. */
function recode(hex: string): { readonly type: string; readonly hex: string } {
  const { version, xid, message } = decode(Buffer.from(hex, 'hex'))
  return { type: message.type, hex: encode(version, xid, message).toString('hex') }
}

function wireVersion(version: FlowVector['version']): Version {
  return version === 'OpenFlow13' ? OPENFLOW_13 : OPENFLOW_15
}

const vectors = [...flowVectors, ...rawVectors]

function recorded(field: 'flow_mod_hex' | 'flow_stats_entry_hex'): readonly (readonly [string, string, Version])[] {
  return vectors.flatMap((vector) => {
    const hex = vector[field]
    return hex === null ? [] : [[`${vector.version} ${vector.name}`, hex, wireVersion(vector.version)] as const]
  })
}

/** Made by hand so that lengths lie or the match is none: the switch refuses them, and so do we. */
const MALFORMED = new Set(
  ['act-bad-len', 'mod-match-type-0', 'mod-match-len-long', 'mod-truncated', 'mod-trailing'].map(
    (name) => `OpenFlow13 raw-${name}`,
  ),
)

/** Made by hand, with a number in bytes that 1.3 reserves: we send zeros there. */
const RESERVED = 'OpenFlow13 raw-mod-importance13'

describe('decoding and encoding again gives the same bytes', () => {
  test.each(messageVectors.map(({ version, name, message_hex }) => [`${version} ${name}`, message_hex]))(
    'of the message %s',
    (_, hex) => {
      const again = recode(hex)
      expect(again.hex).toBe(hex)
      expect(again.type).not.toBe('unknown')
    },
  )

  const flowMods = recorded('flow_mod_hex')
  test.each(flowMods.filter(([name]) => !MALFORMED.has(name)))('of the flow-mod %s', (name, hex) => {
    const expected = name === RESERVED ? hex.replace('00000007', '00000000') : hex
    expect(recode(hex)).toEqual({ type: 'flow_mod', hex: expected })
  })

  test.each(flowMods.filter(([name]) => MALFORMED.has(name)))('but is refused for the flow-mod %s', (_, hex) => {
    expect(() => recode(hex)).toThrow(expect.objectContaining({ code: 'OPENFLOW_MALFORMED' }))
  })

  test.each(recorded('flow_stats_entry_hex'))('of the dump entry %s', (_, hex, version) => {
    const flow = flowStatsEntry.read(new Reader(Buffer.from(hex, 'hex')), version)
    const writer = new Writer()
    flowStatsEntry.write(writer, flow, version)
    expect(writer.finish().toString('hex')).toBe(hex)
  })
})

test('all that was recorded is there', () => {
  expect(messageVectors).toHaveLength(239)
  expect(flowVectors).toHaveLength(2 * 147)
  expect(rawVectors).toHaveLength(87)
  expect(rawVectors.filter(({ name, error_hex }) => MALFORMED.has(`OpenFlow13 ${name}`) && error_hex)).toHaveLength(5)
})
