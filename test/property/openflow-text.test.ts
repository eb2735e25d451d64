import { fc, test } from '@fast-check/jest'
import { describe, expect } from '@jest/globals'
import { ReconcileError } from '../../src/errors/error.js'
import { type Flow, flowAttributes, flowInstructions, flowKey } from '../../src/openflow/flow.js'
import { flowParser, parseFlow } from '../../src/openflow/text/parse.js'
import {
  NO_NAMES,
  parsePort,
  type PortNames,
  portNames,
  renderPort,
} from '../../src/openflow/text/port-names.js'
import { flowPrinter, renderFlow } from '../../src/openflow/text/print.js'
import { actionVectors, flowVectors, matchVectors } from '../golden/openflow/vectors.js'
import { flow, rewritten, u32 } from '../support/flows.js'

const START = { file: 'flows.txt', line: 7, column: 5, length: 1 }

function read(text: string, names: PortNames = NO_NAMES): Flow {
  return parseFlow({ text, at: START }, { names })
}

function identity(of: Flow): readonly string[] {
  return [flowKey(of), flowInstructions(of), flowAttributes(of)]
}

/** Reads text that may be anything; what it throws must be typed, and at a place in the text or right behind it. */
function readAnything(text: string): void {
  try {
    read(text)
  } catch (error) {
    if (!(error instanceof ReconcileError) || !error.at) throw error
    const { file, line, column, length } = error.at
    const inside = column >= START.column && column <= START.column + text.length && length >= 1
    expect([error.code, file, line, inside]).toEqual(['INVALID_DUMP', START.file, START.line, true])
  }
}

const name = fc.stringMatching(/^[!-.0-~]{1,15}$/) // what Linux takes as the name of an interface
const port = fc.integer({ min: 1, max: 0xfeff })

describe('a flow written down', () => {
  test.prop([flow], { numRuns: 200 })('and read again is the same flow', (made) => {
    expect(identity(read(renderFlow(made, NO_NAMES)))).toEqual(identity(made))
  })

  test.prop([flow])('and read again is written the same way', (made) => {
    const text = renderFlow(made, NO_NAMES)
    expect(renderFlow(read(text), NO_NAMES)).toBe(text)
  })

  test.prop([flow])('does not depend on the order of its fields nor on masks that say all', (made) => {
    const other = { ...made, match: rewritten(made.match) }
    expect(flowKey(other)).toBe(flowKey(made))
    expect(renderFlow(other, NO_NAMES)).toBe(renderFlow(made, NO_NAMES))
  })

  test.prop([fc.uniqueArray(fc.tuple(name, port), { selector: ([of]) => of }), fc.nat()])(
    'names its ports so that they are found again',
    (entries, pick) => {
      const names = portNames(entries)
      const [, number = 1] = entries[pick % Math.max(1, entries.length)] ?? []
      expect(parsePort(renderPort(number, names), names)).toBe(number)
      const text = `in_port=${renderPort(number, names)} actions=output:${renderPort(number, names)}`
      expect(identity(read(text, names))).toEqual(identity(read(`in_port=${number} actions=${number}`)))
    },
  )

  test.prop([u32])('has a port for every number', (number) => {
    expect(parsePort(renderPort(number, NO_NAMES), NO_NAMES)).toBe(number)
  })
})

const vectorTexts = [
  ...flowVectors.flatMap(({ text, dump_text }) => [text, dump_text]),
  ...matchVectors.flatMap(({ text, dump_text }) => [text, dump_text]),
  ...actionVectors.flatMap(({ text, back }) => [text, ...back.map(({ dump_text }) => dump_text)]),
].filter((text) => text !== null)

describe('a parser and a printer that are used again and again', () => {
  const fresh = new Map(vectorTexts.map((text) => [text, read(text)]))

  /** All texts twice, in an order of chance. */
  const order = fc.shuffledSubarray([...vectorTexts, ...vectorTexts], { minLength: 2 * vectorTexts.length })

  test.prop([order], { numRuns: 5 })('do for each recorded flow what new ones do', (texts) => {
    const parse = flowParser({ names: NO_NAMES })
    const print = flowPrinter({ names: NO_NAMES })
    for (const text of texts) {
      const expected = fresh.get(text)
      const flow = parse({ text, at: START })
      expect(flow).toEqual(expected)
      expect(print(flow)).toBe(expected && renderFlow(expected, NO_NAMES))
    }
  })

  test.prop([fc.array(flow, { minLength: 1, maxLength: 8 }), fc.array(fc.nat(), { maxLength: 30 })])(
    'print flows that share fields as new ones do',
    (made, picks) => {
      const print = flowPrinter({ names: NO_NAMES })
      const fields = made.flatMap(({ match }) => match)
      for (const pick of picks) {
        const match = fields.slice(pick % (fields.length + 1)).slice(0, 1 + (pick % 5))
        const mixed = { ...made[pick % made.length]!, match }
        expect(print(mixed)).toBe(renderFlow(mixed, NO_NAMES))
      }
    },
  )
})

// prettier-ignore
const PIECES = [
  'table', 'priority', 'cookie', 'in_port', 'tcp', 'udp', 'ip', 'arp', 'dl_vlan', 'dl_vlan_pcp', 'vlan_tci', 'nw_tos', 'nw_src', 'dl_src',
  'metadata', 'reg0', 'tp_src', 'send_flow_rem', 'duration', 'toString', 'constructor', '__proto__', 'actions', 'drop', 'output',
  'set_field', 'move', 'goto_table', 'write_metadata', 'write_actions', 'clear_actions', 'CONTROLLER', 'dec_ttl', 'meter', 'LOCAL',
  'NXM_NX_REG0[]', 'NXM_NX_REG0[0..3]', 'NXM_NX_REG0[3..1]', 'oxm_8000_99_4', '=', ':', ',', ' ', '/', '->', '(', ')', '"', '[', ']', '0x', '-1', '1', '0xff',
  '10.0.0.1', '255.0.0.0', '24', '33', 'fa:16:3e:00:00:01', '99999999999999999999999999', 'é', '\u0000', '\\',
]

describe('text that is not a flow', () => {
  test.prop([fc.string({ unit: 'binary', maxLength: 80 })])('is a typed error with its place', readAnything)

  test.prop([fc.array(fc.constantFrom(...PIECES), { maxLength: 25 })], { numRuns: 2000 })(
    'though made of the words of flows is a flow or a typed error with its place',
    (pieces) => readAnything(pieces.join('')),
  )

  test.prop(
    [
      fc.constantFrom(...flowVectors.map(({ text }) => text)),
      fc.nat(),
      fc.nat({ max: 3 }),
      fc.constantFrom('', ...PIECES),
    ],
    { numRuns: 2000 },
  )(
    'though it was one before a change is a flow or a typed error with its place',
    (text, place, cut, piece) => {
      const at = place % text.length
      readAnything(text.slice(0, at) + piece + text.slice(at + cut))
    },
  )

  test('that goes on and on is refused in time', () => {
    const start = performance.now()
    for (const piece of ['(', '"', '\\', 'a', ',', '((', '()', '"a', '->', '1/'])
      readAnything(`${piece.repeat(20_000)} actions=${piece.repeat(20_000)}`)
    expect(performance.now() - start).toBeLessThan(2000)
  })
})
