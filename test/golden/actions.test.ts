import { describe, expect, test } from '@jest/globals'
import { wireInstructions } from '../../src/openflow/actions/wire-form.js'
import { decode, encode } from '../../src/openflow/codec.js'
import { type Flow, flowInstructions, flowKey } from '../../src/openflow/flow.js'
import { flowStatsEntry } from '../../src/openflow/messages/flow-stats.js'
import { parseFlow } from '../../src/openflow/text/parse.js'
import { NO_NAMES } from '../../src/openflow/text/port-names.js'
import { renderFlow } from '../../src/openflow/text/print.js'
import { OPENFLOW_13, OPENFLOW_15, type Version } from '../../src/openflow/version.js'
import { Reader } from '../../src/openflow/wire/reader.js'
import { Writer } from '../../src/openflow/wire/writer.js'
import { actionVectors, type DumpEntry } from './openflow/vectors.js'

function read(text: string): Flow {
  return parseFlow({ text, at: { file: 'vector', line: 1, column: 1, length: 1 } }, { names: NO_NAMES })
}

function wireVersion({ version }: { readonly version: 'OpenFlow13' | 'OpenFlow15' }): Version {
  return version === 'OpenFlow13' ? OPENFLOW_13 : OPENFLOW_15
}

function entry(given: DumpEntry): Flow {
  return flowStatsEntry.read(new Reader(Buffer.from(given.flow_stats_entry_hex, 'hex')), wireVersion(given))
}

const all = actionVectors.map((vector) => [`${vector.version} ${vector.text}`, vector] as const)

describe('actions in the notation of ovs-ofctl', () => {
  test('are recorded in both versions', () => {
    expect(all.length).toBeGreaterThanOrEqual(450)
    expect(actionVectors.filter(({ back }) => back.length === 2).length).toBeGreaterThanOrEqual(450)
  })

  test.each(all)('become the bytes that ovs-ofctl sent: %s', (_, vector) => {
    const version = wireVersion(vector)
    const { message } = decode(Buffer.from(vector.flow_mod_hex, 'hex'))
    if (message.type !== 'flow_mod') throw new Error(message.type)
    const instructions = wireInstructions(read(vector.text).instructions, version)
    expect(encode(version, 1, { ...message, instructions }).toString('hex')).toBe(vector.flow_mod_hex)
  })

  test.each(all)('have the same bytes when they have been decoded: %s', (_, vector) => {
    for (const given of vector.back) {
      const writer = new Writer()
      flowStatsEntry.write(writer, entry(given), wireVersion(given))
      expect(writer.finish().toString('hex')).toBe(given.flow_stats_entry_hex)
    }
    const { message } = decode(Buffer.from(vector.flow_mod_hex, 'hex'))
    expect(JSON.stringify(message)).not.toContain('"opaque"')
    expect(encode(wireVersion(vector), 1, message).toString('hex')).toBe(vector.flow_mod_hex)
  })

  test.each(all)('are printed as ovs-ofctl prints them: %s', (_, vector) => {
    const printed = vector.back.map((given) => renderFlow(entry(given), NO_NAMES))
    expect(printed).toEqual(vector.back.map(({ dump_text }) => dump_text))
  })

  test.each(all)('are the same in whatever version they come back, and as text: %s', (_, vector) => {
    const sent = flowInstructions(read(vector.text))
    for (const given of vector.back) {
      const back = entry(given)
      const again = read(given.dump_text)
      expect([flowInstructions(back), flowInstructions(again)]).toEqual([sent, sent])
      expect(flowKey(again)).toBe(flowKey(back))
    }
  })
})

test('different actions are different in canonical form', () => {
  const shown = new Map<string, Set<string>>()
  for (const { text, back } of actionVectors) {
    const dumped = back.find(({ version }) => version === 'OpenFlow15')?.dump_text ?? ''
    const form = flowInstructions(read(text))
    shown.set(form, (shown.get(form) ?? new Set()).add(dumped.slice(dumped.indexOf('actions='))))
  }
  // Only set-fields are shown in several ways: as one, or as the loads a 1.3 connection had to send, or none at all.
  const several = [...shown.values()].filter(({ size }) => size > 1)
  expect(several.every((texts) => [...texts].some((text) => text.includes('set_field')))).toBe(true)
  expect(shown.size).toBeGreaterThan(150)
})
