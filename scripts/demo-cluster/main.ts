// `npm run demo:cluster`: three machines, each with a switch, a daemon and a member of etcd, in about a minute. Exits with
// 0 only if no packet was lost where none may be, and the last look found nothing to do.
import { createClusterLab } from '../../test/support/cluster-lab.js'
import { play } from '../demo/play.js'
import { tellStory } from './story.js'

process.exitCode = await play({
  createLab: () => createClusterLab(3),
  tellStory,
  good: 'all pings without loss, nothing left to reconcile on any machine.',
  bad: 'a packet was lost, or differences are left.',
})
