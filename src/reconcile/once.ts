// One pass: connect, make the switch agree, say what was done.
import type { ManifestSet } from '../manifest/model.js'
import type { DeleteLimit, Held } from '../plan/guard.js'
import type { Plan } from '../plan/plan.js'
import { SwitchTable } from '../switch/switch-table.js'
import { DeletionGuard } from './deletion-guard.js'
import { linkWarnings, notePass, preparePass } from './guarded-pass.js'
import { Reconciler, type ReconcilerOptions } from './reconciler.js'
import { SwitchLink, type SwitchTarget } from './switch-link.js'

export interface OnceOptions extends ReconcilerOptions {
  readonly target: SwitchTarget
  readonly node: string | undefined
  readonly manifests: ManifestSet
  readonly revision: string
  /** What may be deleted; undefined: the usual. */
  readonly maxDeletes: DeleteLimit | undefined
}

export interface OnceResult {
  readonly plan: Plan
  readonly createdBridge: boolean
  /** Deletions that were held back. */
  readonly held: Held | undefined
  /** What was found besides, in people's words. */
  readonly warnings: readonly string[]
}

/** @throws ReconcileError when the switch cannot be reached or refuses; then it is as it was */
export async function reconcileOnce(options: OnceOptions): Promise<OnceResult> {
  const link = await SwitchLink.open(options.target)
  try {
    const createdBridge = link.bridge === undefined
    const connection = await link.connectBridge()
    const reconciler = new Reconciler(options)
    const guard = new DeletionGuard(options.maxDeletes)
    const pass = preparePass(link, guard, options)
    const plan = await reconciler.fullPass(new SwitchTable(connection), pass.topology, [], pass.hold)
    const { held } = reconciler
    await notePass(link, guard, pass, options.revision, held)
    return { plan, createdBridge, held, warnings: linkWarnings(link, pass.topology, options.manifests) }
  } finally {
    link.close()
  }
}
