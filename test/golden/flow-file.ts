// Files of flows in the notation of ovs-ofctl: the path goes in, lines and flows come out.
import { readFileSync } from 'node:fs'
import type { Flow } from '../../src/openflow/flow.js'
import { flowOfText, flowText } from '../support/networks.js'

export interface FlowFile {
  /** Without the comment at the head of the file, but with the commands for meters, which are comments too. */
  readonly text: string
  readonly flows: readonly Flow[]
  /** Port numbers by name, from the line `# ports: NAME=N,…`. */
  readonly ports: ReadonlyMap<string, number>
}

export function readFlowFile(name: string): FlowFile {
  const all = readFileSync(new URL(`flows/${name}.flows`, import.meta.url), 'utf8')
  const text = all.replace(/^(# (?!node|ovs-ofctl).*\n|#\n)+/, '')
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const [, ports = ''] = /^# ports: (.*)$/m.exec(all) ?? []
  const pairs = ports.split(',').filter((pair) => pair !== '')
  return {
    text,
    get flows() {
      return lines.map(flowOfText)
    },
    ports: new Map(pairs.map((pair) => pair.split('=')).map(([of = '', port]) => [of, Number(port)])),
  }
}

/** The same flow gives the same text, however it was spelled. Cookies are left out: the post has none, or others. */
export function spelled(text: string): string {
  return flowText(flowOfText(text))
}
