// When a switch's flows change: a flow monitor of `ovs-ofctl` (OpenFlow 1.4, section 7.4.6) runs, and the time of the last
// change comes out.
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Lab } from './lab.js'
import { stop } from './processes.js'

export interface FlowEvents {
  /** When the last change came, in milliseconds since 1970; undefined: none yet. */
  readonly last: () => number | undefined
  readonly stop: () => Promise<unknown>
}

/** Resolves when changes are told. */
export async function watchFlows(lab: Lab, bridge: string): Promise<FlowEvents> {
  const child = lab.spawn('ovs-ofctl', ['-O', 'OpenFlow15', 'monitor', bridge, 'watch:!initial'])
  const { stdout, stderr } = child
  if (!stdout || !stderr) throw new Error('ovs-ofctl has no output')
  let last: number | undefined
  // What the switch tells by itself goes to standard error.
  createInterface(stderr).on('line', (line) => {
    if (line.includes('event=')) last = Date.now()
  })
  await once(stdout, 'data') // the answer to its request
  return { last: () => last, stop: () => stop(child, 'SIGKILL') }
}
