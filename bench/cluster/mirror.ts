// What a node keeps of etcd when the site is large, and what one change anywhere costs it.
import type { KeyState } from '../../src/cluster/keys.js'
import { Mirror } from '../../src/cluster/mirror.js'
import { heap } from '../heap.js'
import { printFigure, printHeading } from '../figures.js'

const CHANGES = 20

export async function benchMirror(ports: number, nodes: number): Promise<void> {
  const before = await heap()
  const mirror = new Mirror()
  const bound = (n: number, revision: number) => portKey(n, `node-${revision % nodes}`, revision)
  mirror.replace(
    Array.from({ length: ports }, (_, n) => bound(n, n + 1)),
    ports,
  )
  const names = mirror.view.bindings.size
  mirror.forget()
  const samples: number[] = []
  for (let i = 0; i < CHANGES; i++) {
    const begin = performance.now()
    mirror.follow([bound(i, ports + 2 + i)])
    if (mirror.view.bindings.size !== names) throw new Error('a name is missing')
    samples.push(performance.now() - begin)
  }
  printHeading(`${ports} ports of ${nodes} nodes in etcd, as a node keeps them`)
  printFigure({ name: 'one change: taken in, and the view of it', samples })
  console.log(`  heap: ${(((await heap()) - before) / 1e6).toFixed(0)} MB`)
  if (mirror.keys('ports').size !== ports) throw new Error('a key is missing')
}

/** As it is read from an answer of etcd: each text is one of its own. */
function portKey(n: number, node: string, modRevision: number): KeyState {
  const name = `vm-${String(n).padStart(7, '0')}`
  const lease = String(7_587_886_000_000_000 + modRevision)
  return { kind: 'ports', name, value: node, present: true, modRevision, lease }
}
