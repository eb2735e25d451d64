// From `git commit` to the flows of all three nodes.
import { rm } from 'node:fs/promises'
import { printFigure, printHeading } from '../figures.js'
import { lastChange, openDesk } from './desk.js'
import { ROUNDS, SITE, type Scene } from './scene.js'

interface Edit {
  readonly name: string
  /** The manifests, other in even rounds than in odd ones. */
  readonly text: (isEven: boolean) => string
  readonly bridges: Scene['events']
}

/** One checkout that the three daemons follow stands for three that pull at once. */
export async function benchCommits(scene: Scene): Promise<void> {
  await scene.write()
  const desk = await openDesk(scene.folder)
  printHeading(`from git commit to the flows of all nodes, ${scene.hasEtcd ? 'with etcd' : 'without etcd'}`)
  const git: number[] = []
  for (const { name, text, bridges } of editsOf(scene)) {
    const samples: number[] = []
    for (let i = 0; i < ROUNDS; i++) {
      const { begun, pulled } = await desk.publish(SITE, text(i % 2 === 0))
      git.push(pulled - begun)
      samples.push((await lastChange(bridges, begun)) - begun)
    }
    printFigure({ name, samples })
  }
  printFigure({ name: "of that git's: commit, and pull of it", samples: git })
  await rm(desk.path, { recursive: true })
}

/** A guest's address is in flows of br-int on its own node, and of both bridges on the others; a router is on br-int alone. */
function editsOf({ site, guests, events, tunnelEvents }: Scene): readonly Edit[] {
  const [vm1, ...others] = guests
  if (!vm1) throw new Error('no guest')
  const renamed = [{ ...vm1, mac: 'fa:16:3e:00:01:ff' }, ...others]
  return [
    {
      name: 'the MAC address of a Port',
      text: (isEven) => site({}, isEven ? renamed : guests),
      bridges: [...events, ...tunnelEvents.slice(1)],
    },
    {
      name: 'a Router becomes proactive, or reactive',
      text: (isEven) => site({ forwarding: isEven ? 'proactive' : 'reactive' }),
      bridges: events,
    },
  ]
}
