// The lease that our keys hang on: taken once, renewed for as long as etcd answers. An answer that stays away is also
// how a member is found out that has stopped, or has lost the others.
import type { Etcd3 } from 'etcd3'
import type { StreamEvents } from './watch-stream.js'

/** @param before of the last connection: while it lasts our keys are still there @returns the lease to use */
export async function takeLease(etcd: Etcd3, seconds: number, before: string | undefined): Promise<string> {
  if (before !== undefined) {
    const { TTL } = await etcd.leaseClient.leaseTimeToLive({ ID: before })
    if (Number(TTL) > 0) return before
  }
  const { ID } = await etcd.leaseClient.leaseGrant({ TTL: seconds })
  return ID
}

/** An agent that ends just before it renews its lease still has most of it left to come back in. */
const RENEWALS = 5

/** Renews the lease several times in its life. @returns a function that ends this; the lease then runs out */
export async function keepAlive(
  etcd: Etcd3,
  lease: string,
  seconds: number,
  { onEnd }: StreamEvents,
): Promise<() => void> {
  const stream = await etcd.leaseClient.leaseKeepAlive()
  let answered = true
  const renew = (): void => {
    if (!answered) onEnd('it does not renew our lease')
    answered = false
    stream.write({ ID: lease })
  }
  stream.on('data', ({ TTL }) => {
    answered = true
    if (TTL === '0') onEnd('our lease has run out')
  })
  stream.on('error', (error) => onEnd(error))
  stream.on('end', () => onEnd('it closed the stream that renews our lease'))
  const timer = setInterval(renew, (seconds * 1000) / RENEWALS)
  renew()
  return () => {
    clearInterval(timer)
    stream.cancel()
  }
}
