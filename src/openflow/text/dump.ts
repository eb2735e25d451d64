// A saved dump: the text of `ovs-ofctl dump-flows`, or a file of flows for `ovs-ofctl add-flows`.
import { ReconcileError } from '../../errors/error.js'
import type { Hex } from '../../values/hex.js'
import type { Flow } from '../flow.js'
import { type FlowParser, flowParser } from './parse.js'
import type { PortNames } from './port-names.js'
import type { Word } from './scan.js'
import { parseInteger } from './value.js'

export interface DumpOptions {
  readonly names: PortNames
  /** Whose flows have to be understood whole. Of others the match is enough, and one beyond this release is passed over. */
  readonly isOurs: (cookie: Hex) => boolean
}

/** @throws ReconcileError INVALID_DUMP at the first word that is wrong */
export function parseDump(file: string, text: string, { names, isOurs }: DumpOptions): readonly Flow[] {
  const parse = flowParser({ names, readActions: isOurs })
  const flows: Flow[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const words = withoutComment(line).trim()
    if (words === '' || isHeader(words)) continue
    const indent = line.length - line.trimStart().length
    const at = { file, line: index + 1, column: indent + 1, length: words.length }
    const flow = parseLine({ text: words, at }, parse, isOurs)
    if (flow) flows.push(flow)
  }
  return flows
}

/** A port may have the sign in its name, but only a comment begins with it. */
function withoutComment(line: string): string {
  return line.includes('#') ? line.replace(/(^|\s)#.*/, '') : line
}

/** `OFPST_FLOW reply (OF1.5) (xid=0x2):`, which `ovs-ofctl` prints before the flows. */
function isHeader(line: string): boolean {
  return /^[A-Z]+ST_FLOW reply\b/.test(line)
}

/** Undefined for a flow of others that is beyond this release. */
function parseLine(line: Word, parse: FlowParser, isOurs: DumpOptions['isOurs']): Flow | undefined {
  try {
    return parse(line)
  } catch (error) {
    const cookie = parseInteger(/\bcookie=(0x[0-9a-f]+)/i.exec(line.text)?.[1] ?? '0', 8)
    const isForeign = cookie !== undefined && !isOurs(cookie) && /\bactions?=/.test(line.text)
    if (error instanceof ReconcileError && isForeign) return undefined
    throw error
  }
}
