// Puts flows into a bridge by `ovs-ofctl add-flows`, all at once, and leaves out those that it or the switch refuses.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Lab } from './lab.js'
import { run } from './processes.js'

/**
 * Empties the bridge and fills it with the flows, in OpenFlow 1.5; gives those that are in it then. `ovs-ofctl` ends at the first
 * flow that is refused, so each of these costs another attempt. Throws when more than `mostRefused` are.
 */
export async function addAcceptedFlows(
  lab: Lab,
  bridge: string,
  flows: readonly string[],
  mostRefused = 0,
): Promise<readonly string[]> {
  const file = join(lab.runDir, 'accepted.flows')
  const left = [...flows]
  const refused: string[] = []
  for (;;) {
    await writeFile(file, left.map((flow) => `${flow}\n`).join(''))
    await lab.ofctl('del-flows', bridge)
    const { code, stderr } = await run('ovs-ofctl', ['-O', 'OpenFlow15', 'add-flows', bridge, file], lab)
    if (code === 0) return left
    const line = /accepted\.flows:(\d+):/.exec(stderr)?.[1]
    const place = line === undefined ? await installedFlows(lab, bridge) : Number(line) - 1
    const complaint = stderr.split('\n').find((text) => !/\|(WARN|INFO)\|/.test(text))
    refused.push(`${left.splice(place, 1).join('')}\n    ${complaint ?? ''}`)
    if (refused.length > mostRefused) throw new Error(`flows are refused:\n${refused.join('\n')}`)
  }
}

/** The switch takes flows in their order, so as many are there as stand before the one that it refused. */
async function installedFlows(lab: Lab, bridge: string): Promise<number> {
  return Number(/flow_count=(\d+)/.exec(await lab.ofctl('dump-aggregate', bridge))?.[1])
}
