// `npm run demo`: the whole product on a real switch in about ten seconds. Exits with 0 only if no packet was lost
// and the last dry run found nothing to do.
import { createLab } from '../../test/support/lab.js'
import { play } from './play.js'
import { tellStory } from './story.js'

process.exitCode = await play({
  createLab,
  tellStory,
  good: 'both pings without loss, nothing left to reconcile.',
  bad: 'a packet was lost, or differences are left.',
})
