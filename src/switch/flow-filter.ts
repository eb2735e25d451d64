// Which flows to dump, in the words of `ovs-ofctl dump-flows BRIDGE MATCH`: `table=52,ip,cookie=0xdf01/-1`.
import { wireMatch } from '../openflow/fields/canonical.js'
import { PORT } from '../openflow/ports.js'
import { matchParser } from '../openflow/text/parse-match.js'
import { parsePort, type PortNames } from '../openflow/text/port-names.js'
import { parseNumber, splitPair, splitWords, syntaxError, type Word } from '../openflow/text/scan.js'
import { parseMaskedInteger } from '../openflow/text/value.js'
import type { Version } from '../openflow/version.js'
import { onesHex } from '../values/hex.js'
import { ALL_FLOWS, type FlowFilter } from './dump.js'

interface FilterContext {
  readonly names: PortNames
  /** The one in which the switch will be asked. */
  readonly version: Version
}

/**
 * Reads a filter. A cookie needs a mask, as in `ovs-ofctl`; `/-1` is all of it.
 * @throws ReconcileError INVALID_DUMP at the word that is wrong
 */
export function parseFlowFilter(text: Word, { names, version }: FilterContext): FlowFilter {
  const words = splitWords(text).map((word) => ({ word, attribute: readAttribute(word, names) }))
  const match = matchParser(names)(words.flatMap(({ word, attribute }) => (attribute ? [] : [word])))
  const attributes = Object.assign({}, ...words.map(({ attribute }) => attribute)) as Partial<FlowFilter>
  return { ...ALL_FLOWS, ...attributes, match: wireMatch(match, version) }
}

/** Undefined for a word of the match. */
function readAttribute(word: Word, names: PortNames): Partial<FlowFilter> | undefined {
  const { key, value } = splitPair(word, '=')
  switch (key) {
    case 'table':
      return { tableId: parseNumber(value, word, 254) }
    case 'out_port':
      return { outPort: parseOutPort(value ?? word, names) }
    case 'out_group':
      return { outGroup: parseNumber(value, word, PORT.ANY) }
    case 'cookie':
      return parseCookie(value ?? word)
    default:
      return undefined
  }
}

function parseOutPort(word: Word, names: PortNames): number {
  const port = parsePort(word.text, names)
  if (port === undefined) throw syntaxError(word, 'a port of the bridge')
  return port
}

function parseCookie(word: Word): Partial<FlowFilter> {
  const parsed = parseMaskedInteger(word.text.replace(/\/-1$/, `/0x${onesHex(8)}`), 8)
  if (parsed?.mask === undefined) throw syntaxError(word, 'a cookie and a mask, such as 0x5/-1')
  return { cookie: parsed.value, cookieMask: parsed.mask }
}
