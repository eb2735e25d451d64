// What happens to manifests: good commits, branches, and files that are broken for a while.
import { setTimeout as sleep } from 'node:timers/promises'
import { describeLook } from './checker.js'
import { type Fault, Finding } from './fault.js'
import { EXTRAS, SPARES, type Wishes } from './manifests.js'
import type { Random } from './random.js'
import type { World } from './world.js'

const FILES = ['tenants.yaml', 'guests.yaml', 'marked/network.yaml', 'marked/ports.yaml'] as const

export const MANIFEST_FAULTS: readonly Fault[] = [
  {
    name: 'commit-objects',
    uses: ['manifests'],
    costs: 'none',
    strike: ({ repository }, random) => repository.deploy(otherObjects(repository.wishes, random), 'objects'),
  },
  {
    name: 'commit-generation',
    uses: ['manifests'],
    costs: 'none',
    strike: ({ repository }) => repository.deploy(nextGeneration(repository.wishes), 'generation'),
  },
  {
    name: 'checkout-and-back',
    uses: ['manifests'],
    costs: 'none',
    strike: async ({ repository }, random) => {
      const wishes = otherObjects(nextGeneration(repository.wishes), random)
      const { back } = await repository.visit(wishes)
      await sleep(random.between(0, 1_500))
      await back()
    },
  },
  {
    name: 'manifest-broken',
    uses: ['manifests', 'flows', 'ports', 'switch'],
    costs: 'none',
    strike: (world, random) => spoiled(world, random, random.pick(FILES), (text) => `${text}\n{ "kind": [\n`),
  },
  {
    name: 'manifest-cut',
    uses: ['manifests', 'flows', 'ports', 'switch'],
    costs: 'none',
    strike: (world, random) => spoiled(world, random, random.pick(FILES), (text) => cutInside(text, random)),
  },
  {
    // Still valid, and most objects of the file are gone: the guard must hold them.
    name: 'manifest-truncated',
    uses: ['manifests', 'flows', 'ports', 'switch'],
    costs: 'none',
    strike: (world, random) =>
      spoiled(world, random, 'marked/ports.yaml', (text) => text.split('\n---\n')[0] ?? ''),
  },
]

function otherObjects({ generation }: Wishes, random: Random): Wishes {
  const some = (count: number) => Array.from({ length: count }, (_, i) => i).filter(() => random.next() < 0.5)
  return { generation, spares: some(SPARES), extras: some(EXTRAS) }
}

function nextGeneration(wishes: Wishes): Wishes {
  return { ...wishes, generation: (wishes.generation + 1) % 256 }
}

/** Up to the middle of a document: a brace is open, so that it is no manifest any more. */
function cutInside(text: string, random: Random): string {
  const documents = text.split('\n---\n')
  const last = random.below(documents.length)
  const whole = documents.slice(0, last)
  const half = documents[last]?.slice(0, 20 + random.below(20)) ?? ''
  return [...whole, half].join('\n---\n')
}

/** The manifests are bad for a while; the switch must not follow them. */
async function spoiled(
  { repository, checker }: World,
  random: Random,
  file: string,
  change: (text: string) => string,
): Promise<void> {
  const { restore } = await repository.spoil(file, change)
  await sleep(random.between(200, 1_500))
  const look = await checker.look(repository.wanted)
  await restore()
  if (look.right === null)
    throw new Finding(`the switch followed bad manifests (${file})\n${describeLook(look)}`)
}
