// Which flows were touched: two looks at a bridge go in, the flows that came, went or were put there anew come out.
import type { Lab } from './lab.js'

/** Seconds that each flow has been there, by its text without counters. A MODIFY changes the text, an ADD the age. */
export type FlowAges = ReadonlyMap<string, number>

export interface TouchedFlows {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  /** The same text, but younger than before. */
  readonly renewed: readonly string[]
  readonly kept: readonly string[]
}

export async function flowAges(lab: Lab, bridge = 'br-int'): Promise<FlowAges> {
  const text = await lab.ofctl('--no-names', 'dump-flows', bridge)
  const lines = text.split('\n').filter((line) => line.includes('actions='))
  return new Map(
    lines.map((line) => [
      line.replace(/ (duration|n_packets|n_bytes|idle_age|hard_age)=[^,]+,/g, '').trim(),
      Number(/duration=([\d.]+)s/.exec(line)?.[1]),
    ]),
  )
}

export function touchedFlows(before: FlowAges, after: FlowAges): TouchedFlows {
  const stayed = [...after].filter(([flow]) => before.has(flow))
  const isRenewed = ([flow, age]: readonly [string, number]): boolean => age < (before.get(flow) ?? 0)
  return {
    added: [...after.keys()].filter((flow) => !before.has(flow)),
    removed: [...before.keys()].filter((flow) => !after.has(flow)),
    renewed: stayed.filter(isRenewed).map(([flow]) => flow),
    kept: stayed.filter((entry) => !isRenewed(entry)).map(([flow]) => flow),
  }
}
