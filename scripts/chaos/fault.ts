// What a fault is.
import type { Random } from './random.js'
import type { World } from './world.js'

/** What a fault needs for itself: two faults that use the same thing do not strike together. */
export type Resource = 'daemon' | 'control' | 'switch' | 'database' | 'flows' | 'ports' | 'manifests'

export interface Fault {
  readonly name: string
  readonly uses: readonly Resource[]
  /**
   * Who may lose packets by it: nobody; those whose flow or port it takes away, until it is back; or everybody, because
   * Open vSwitch itself stands still.
   */
  readonly costs: 'none' | 'repair' | 'switch'
  /** Resolves when the fault is over and mending can begin. Throws a `Finding` when something gave way meanwhile. */
  readonly strike: (world: World, random: Random) => Promise<unknown>
}

/** The product did not hold what it promises. */
export class Finding extends Error {
  override readonly name = 'Finding'
}
