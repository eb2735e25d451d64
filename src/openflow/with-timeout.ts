// A limit to how long a switch may be waited for.
import { ReconcileError } from '../errors/error.js'

/** @param timeoutMs Infinity: as long as it takes */
export async function withTimeout<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  if (timeoutMs === Infinity) return promise
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(timedOut(timeoutMs)), timeoutMs)
  })
  return Promise.race([promise, timeout]).finally(() => clearTimeout(timer))
}

export function timedOut(timeoutMs: number): ReconcileError {
  return new ReconcileError('OPENFLOW_TIMEOUT', `The switch did not answer within ${timeoutMs / 1000} s.`, {
    remedy:
      'Check that ovs-vswitchd and ovsdb-server are running; without ovsdb-server the switch answers nothing.',
  })
}
