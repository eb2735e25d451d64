import { describe, expect, test } from '@jest/globals'
import { wireInstructions } from '../../src/openflow/actions/wire-form.js'
import { decode, encode } from '../../src/openflow/codec.js'
import { wireMatch } from '../../src/openflow/fields/canonical.js'
import { flowInstructions, flowKey } from '../../src/openflow/flow.js'
import { FLOW_COMMAND } from '../../src/openflow/messages/flow-mod.js'
import { flowStatsEntry } from '../../src/openflow/messages/flow-stats.js'
import { ALL_TABLES, ANY_GROUP, NO_BUFFER, PORT } from '../../src/openflow/ports.js'
import { parseFlow } from '../../src/openflow/text/parse.js'
import { NO_NAMES } from '../../src/openflow/text/port-names.js'
import { renderFlow } from '../../src/openflow/text/print.js'
import { OPENFLOW_13, OPENFLOW_15 } from '../../src/openflow/version.js'
import { Reader } from '../../src/openflow/wire/reader.js'
import { zeroHex } from '../../src/values/hex.js'
import { type FlowVector, flowVectors, textVectors as vectors } from './openflow/vectors.js'

function read(text: string) {
  return parseFlow({ text, at: { file: 'vector', line: 1, column: 1, length: 1 } }, { names: NO_NAMES })
}

function version({ version }: FlowVector) {
  return version === 'OpenFlow13' ? OPENFLOW_13 : OPENFLOW_15
}

const named = vectors.map((vector) => [`${vector.version} ${vector.name}`, vector] as const)

describe('the notation of ovs-ofctl', () => {
  test.each(named)('of %s becomes the bytes that ovs-ofctl sent', (_, vector) => {
    const flow = read(vector.text)
    const flowMod = {
      ...flow,
      match: wireMatch(flow.match, version(vector)),
      instructions: wireInstructions(flow.instructions, version(vector)),
      type: 'flow_mod' as const,
      command: FLOW_COMMAND.add,
      cookieMask: zeroHex(8),
      bufferId: NO_BUFFER,
      outPort: PORT.ANY,
      outGroup: ANY_GROUP,
    }
    expect(encode(version(vector), 1, flowMod).toString('hex')).toBe(vector.flow_mod_hex)
  })

  const dumped = named.filter(([, { flow_stats_entry_hex }]) => flow_stats_entry_hex !== null)

  test.each(dumped)('of %s is what ovs-ofctl printed for the same entry', (_, vector) => {
    const entry = Buffer.from(vector.flow_stats_entry_hex ?? '', 'hex')
    expect(renderFlow(flowStatsEntry.read(new Reader(entry), version(vector)), NO_NAMES)).toBe(vector.dump_text)
  })

  test.each(dumped)('of %s has the key and the actions of the entry the switch gave back', (_, vector) => {
    const sent = read(vector.text)
    const back = flowStatsEntry.read(new Reader(Buffer.from(vector.flow_stats_entry_hex ?? '', 'hex')), version(vector))
    expect(flowKey(back)).toBe(flowKey(sent))
    expect(flowInstructions(back)).toBe(flowInstructions(sent))
  })

  test('covers every flow of the post', () => {
    expect(vectors.filter(({ name }) => name.startsWith('seed-'))).toHaveLength(2 * 26)
  })
})

test('a flow-mod decodes to the flow that its text describes', () => {
  const vector = flowVectors.find(({ name }) => name === 'seed-t0-vm1-classify')!
  const { message } = decode(Buffer.from(vector.flow_mod_hex ?? '', 'hex'))
  expect(message).toMatchObject({ type: 'flow_mod', tableId: 0, priority: 1000, bufferId: NO_BUFFER })
  expect(ALL_TABLES).toBe(255)
})
