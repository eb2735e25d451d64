// Places between the steps of a pass where a test may end the program, make it fail, or hold it up. The text of
// RECONCILE_FAILPOINT goes in; without it, which is always the case in production, passing a place is one look at an
// empty map.
import { setTimeout as sleep } from 'node:timers/promises'
import { ReconcileError } from '../errors/error.js'

/** In the order in which a full pass comes by. docs/reliability.md has the same table. */
export const FAILPOINTS = {
  'before-dump': 'connected; nothing has been read from the switch',
  'after-dump': 'the flows of the bridge have been read',
  'before-bundle': 'the changes are known and encoded; nothing of them has been sent',
  'bundle-open': 'the bundle has been opened',
  'bundle-add': 'a part of the changes, at most 500, has been added to the bundle; passed once for each part',
  'before-commit': 'all changes are in the bundle, none was refused, nothing is committed',
  'commit-sent': 'the commit has been sent; there is no answer yet',
  'commit-answered': 'the switch says that it has committed',
  'before-verify': 'applied; the second dump has not been asked for',
  'before-revision': 'applied and verified; the revision has not been written',
  'after-revision': 'the revision has been written',
} as const

export type FailpointName = keyof typeof FAILPOINTS

type Action = 'kill' | 'error' | { readonly delayMs: number }

interface Armed {
  readonly action: Action
  /** Acts at this passing, counted from 1; undefined: at each. */
  readonly at: number | undefined
  passed: number
}

const armed = new Map<string, Armed>()

/**
 * Arms what `NAME[@N][:kill|:error|:delay=MS]` says, several with commas between them, and disarms all others. `@N`: at
 * the Nth passing alone. Without an action: kill.
 * @throws ReconcileError USAGE
 */
export function setFailpoints(text: string | undefined): void {
  armed.clear()
  for (const part of text ? text.split(',') : []) {
    const [, name = '', at, action = 'kill'] = /^([a-z-]+)(?:@([1-9]\d{0,8}))?(?::(.*))?$/.exec(part) ?? []
    if (!Object.hasOwn(FAILPOINTS, name))
      throw unusable(part, `Use one of: ${Object.keys(FAILPOINTS).join(', ')}.`)
    armed.set(name, {
      action: actionOf(part, action),
      at: at === undefined ? undefined : Number(at),
      passed: 0,
    })
  }
}

/**
 * A place that is passed.
 * @returns undefined unless it is armed: `await` of it costs nothing then
 * @throws ReconcileError FAILPOINT where it is armed to fail
 */
export function failpoint(name: FailpointName): Promise<void> | undefined {
  if (armed.size === 0) return undefined
  const here = armed.get(name)
  if (!here) return undefined
  here.passed++
  return here.at === undefined || here.at === here.passed ? act(name, here.action) : undefined
}

async function act(name: FailpointName, action: Action): Promise<void> {
  if (action === 'kill') process.kill(process.pid, 'SIGKILL')
  else if (action === 'error') throw new ReconcileError('FAILPOINT', `The failpoint ${name} was set to fail.`)
  else await sleep(action.delayMs)
}

function actionOf(part: string, text: string): Action {
  if (text === 'kill' || text === 'error') return text
  const [, delay] = /^delay=(\d{1,6})$/.exec(text) ?? []
  if (delay === undefined) throw unusable(part, 'Use :kill, :error or :delay=MS behind the name.')
  return { delayMs: Number(delay) }
}

function unusable(part: string, remedy: string): ReconcileError {
  return new ReconcileError('USAGE', `RECONCILE_FAILPOINT has "${part}", which is no failpoint.`, { remedy })
}
