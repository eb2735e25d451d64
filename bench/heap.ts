// The heap of this process, after what nobody needs any more has gone.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Bytes in use. */
export function heap(): number {
  collect()
  return process.memoryUsage().heapUsed
}
