import { describe, expect, test } from '@jest/globals'
import { flowStatsEntry } from '../../src/openflow/messages/flow-stats.js'
import { decode, encode } from '../../src/openflow/codec.js'
import { OPENFLOW_13, OPENFLOW_15, isVersion, type Version } from '../../src/openflow/version.js'
import { Reader } from '../../src/openflow/wire/reader.js'
import { Writer } from '../../src/openflow/wire/writer.js'
import { type FlowVector, flowVectors, messageVectors } from './openflow/vectors.js'

function recode(hex: string): string {
  const { version, xid, message } = decode(Buffer.from(hex, 'hex'))
  return encode(isVersion(version) ? version : OPENFLOW_15, xid, message).toString('hex')
}

function wireVersion({ version }: FlowVector): Version {
  return version === 'OpenFlow13' ? OPENFLOW_13 : OPENFLOW_15
}

describe('decoding and encoding again gives the same bytes', () => {
  const flowMods = flowVectors.filter(({ flow_mod_hex }) => flow_mod_hex !== null)
  test.each(flowMods.map((vector) => [`${vector.version} ${vector.name}`, vector.flow_mod_hex ?? '']))(
    'of the flow-mod %s',
    (_, hex) => {
      expect(decode(Buffer.from(hex, 'hex')).message.type).toBe('flow_mod')
      expect(recode(hex)).toBe(hex)
    },
  )

  const known = messageVectors.filter(
    ({ version, message_hex }) =>
      version !== 'OpenFlow14' && decode(Buffer.from(message_hex, 'hex')).message.type !== 'unknown',
  )
  test.each(known.map(({ version, name, message_hex }) => [`${version} ${name}`, message_hex]))(
    'of the message %s',
    (_, hex) => {
      expect(recode(hex)).toBe(hex)
    },
  )

  const dumped = flowVectors.filter(({ flow_stats_entry_hex }) => flow_stats_entry_hex !== null)
  test.each(dumped.map((vector) => [`${vector.version} ${vector.name}`, vector] as const))('of the dump entry %s', (_, vector) => {
    const bytes = Buffer.from(vector.flow_stats_entry_hex ?? '', 'hex')
    const flow = flowStatsEntry.read(new Reader(bytes), wireVersion(vector))
    const writer = new Writer()
    flowStatsEntry.write(writer, flow, wireVersion(vector))
    expect(writer.finish().toString('hex')).toBe(vector.flow_stats_entry_hex)
  })
})
