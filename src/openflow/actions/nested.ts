// Actions inside actions: what connection tracking and clones hold.
import type { Action } from './actions.js'

/** Rewrites a list from the inside out. */
export function mapActions(
  actions: readonly Action[],
  rewrite: (action: Action) => readonly Action[],
): readonly Action[] {
  return actions.flatMap((action) =>
    rewrite('actions' in action ? { ...action, actions: mapActions(action.actions, rewrite) } : action),
  )
}
