// One pass: connect, make the switch agree, say what was done.
import { ReconcileError } from '../errors/error.js'
import type { ManifestSet } from '../manifest/model.js'
import type { DeleteLimit } from '../plan/guard.js'
import { meterWarnings } from '../plan/meter-warnings.js'
import type { Plan } from '../plan/plan.js'
import { SwitchTable } from '../switch/switch-table.js'
import { DeletionGuard } from './deletion-guard.js'
import { linkWarnings, notePass, preparePass, type Rest } from './guarded-pass.js'
import { Reconciler, type ReconcilerOptions } from './reconciler.js'
import { suspendedError, suspensionOf } from './suspension.js'
import { SwitchLink, type SwitchTarget } from './switch-link.js'

export interface OnceOptions extends ReconcilerOptions {
  readonly target: SwitchTarget
  readonly node: string | undefined
  readonly manifests: ManifestSet
  readonly revision: string
  /** What may be deleted; undefined: the usual. */
  readonly maxDeletes: DeleteLimit | undefined
}

export interface OnceResult extends Rest {
  readonly plan: Plan
  readonly createdBridge: boolean
  /** The switch waited for its flows before it passed a packet, and was told that they are there. */
  readonly endedRestoreWait: boolean
  /** What was found besides, in people's words. */
  readonly warnings: readonly string[]
}

/** @throws ReconcileError LOCK_HELD, and when the switch cannot be reached or refuses; then it is as it was */
export async function reconcileOnce(options: OnceOptions): Promise<OnceResult> {
  const link = await SwitchLink.open(options.target)
  try {
    if (!(await link.lock()).held) throw lockHeld(options.target.bridge)
    const suspension = suspensionOf(link.notes)
    if (suspension) throw suspendedError(options.target.bridge, suspension)
    const endedRestoreWait = link.switch.flowRestoreWait
    const createdBridge = link.bridge === undefined
    const table = await link.connectBridge((connection) => new SwitchTable(connection))
    const reconciler = new Reconciler(options)
    const guard = new DeletionGuard(options.maxDeletes)
    const pass = preparePass(link, guard, options)
    const plan = await reconciler.fullPass(table, pass.topology, [], pass.hold)
    if (endedRestoreWait) await link.endFlowRestoreWait()
    await notePass(link, guard, pass, options.revision, reconciler)
    const warnings = [...linkWarnings(link, pass.topology, options.manifests), ...meterWarnings(plan.meters)]
    const { held, refused } = reconciler
    return { plan, createdBridge, endedRestoreWait, held, refused, warnings }
  } finally {
    link.close()
  }
}

function lockHeld(bridge: string): ReconcileError {
  return new ReconcileError('LOCK_HELD', `Another reconciler works on ${bridge}; nothing was applied.`, {
    remedy:
      'Use --dry-run to see what would change, commit to the manifests that it follows, or stop it first.',
  })
}
