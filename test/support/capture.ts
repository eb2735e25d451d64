// Frames seen by a VM: a tcpdump filter goes in, one printed line a frame comes out.
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { startInside } from './namespace.js'
import { stop } from './processes.js'

/** Milliseconds that a frame already sent may need until tcpdump has printed it. */
const GRACE_MS = 150

export interface Capture {
  /** The frames so far, as `tcpdump -n -e` prints them; grows while the capture runs. */
  readonly lines: readonly string[]
  /** Ends the capture and gives all its lines. */
  readonly stop: () => Promise<readonly string[]>
}

/** Resolves once tcpdump listens, so that nothing sent afterwards is missed. Throws when the filter is wrong. */
export async function startCapture(netns: string, device: string, filter: string): Promise<Capture> {
  const args = ['-l', '-n', '-e', '--immediate-mode', '-i', device, filter]
  const child = startInside(netns, 'tcpdump', args)
  const lines: string[] = []
  if (!child.stdout || !child.stderr) throw new Error('tcpdump has no output')
  createInterface(child.stdout).on('line', (line) => {
    // At its end tcpdump prints an empty line, and below a protocol it does not know, indented, the bytes.
    if (/^\S/.test(line)) lines.push(line)
  })
  const complaint: string[] = []
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`tcpdump ended: ${complaint.join(' ')}`)))
    createInterface(child.stderr as NodeJS.ReadableStream).on('line', (line) => {
      complaint.push(line)
      if (line.includes('listening on')) resolve()
    })
  })
  return {
    lines,
    stop: async () => {
      await sleep(GRACE_MS)
      await stop(child, 'SIGINT')
      return lines
    },
  }
}
