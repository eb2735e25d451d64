// `npm run demo`: the whole product on a real switch in about ten seconds. Exits with 0 only if no packet was lost
// and the last dry run found nothing to do. A Ctrl-C at any moment leaves nothing behind.
import { createLab } from '../../test/support/lab.js'
import { say } from './printer.js'
import { tellStory } from './story.js'

/** As shells count: 128 and the number of SIGINT. */
const INTERRUPTED = 130

const interruption = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => interruption.abort())

process.exitCode = await demo(interruption.signal)

async function demo(signal: AbortSignal): Promise<number> {
  const started = Date.now()
  const lab = await createLab()
  try {
    const good = await tellStory(lab, signal)
    const seconds = ((Date.now() - started) / 1000).toFixed(1)
    say()
    if (good) say(`Done in ${seconds} s: both pings without loss, nothing left to reconcile.`, 'green')
    else say('Failed: a packet was lost, or differences are left.', 'red')
    return good ? 0 : 1
  } catch (error) {
    if (signal.aborted) return INTERRUPTED
    say(`Failed: ${error instanceof Error ? error.message : String(error)}`, 'red')
    return 1
  } finally {
    await lab.destroy()
  }
}
