// Plays a demo: makes its lab, tells its story, removes the lab whatever happens. The exit code comes out: 0 only if the
// story says that all went well. A Ctrl-C at any moment leaves nothing behind.
import { say } from './printer.js'

/** As shells count: 128 and the number of SIGINT. */
const INTERRUPTED = 130

export interface Demo<L extends { destroy: () => Promise<void> }> {
  readonly createLab: () => Promise<L>
  /** True when all went well. The signal asks for an early end. */
  readonly tellStory: (lab: L, signal: AbortSignal) => Promise<boolean>
  /** What it means that all went well, and that it did not. */
  readonly good: string
  readonly bad: string
}

export async function play<L extends { destroy: () => Promise<void> }>(demo: Demo<L>): Promise<number> {
  const interruption = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => interruption.abort())
  const started = Date.now()
  const lab = await demo.createLab()
  try {
    const isGood = await demo.tellStory(lab, interruption.signal)
    const seconds = ((Date.now() - started) / 1000).toFixed(1)
    say()
    if (isGood) say(`Done in ${seconds} s: ${demo.good}`, 'green')
    else say(`Failed: ${demo.bad}`, 'red')
    return isGood ? 0 : 1
  } catch (error) {
    if (interruption.signal.aborted) return INTERRUPTED
    say(`Failed: ${error instanceof Error ? error.message : String(error)}`, 'red')
    return 1
  } finally {
    await lab.destroy()
  }
}
