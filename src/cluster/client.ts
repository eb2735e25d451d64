// etcd3's client for one member: loaded when it is first needed, since the package is optional, and told to try each
// call once. Whether and where to try again is decided in cluster.ts, which knows all members.
import type * as etcd3 from 'etcd3'
import type { Credentials } from './credentials.js'
import { packageMissing } from './failures.js'

/** How long a call may take, in milliseconds. */
export const ANSWER_MS = 2_000

type Policy = NonNullable<NonNullable<etcd3.IOptions['faultHandling']>['global']>

const ONCE: Omit<Policy, '_altReturn'> = {
  execute: async (call, signal = new AbortController().signal) => call({ signal }),
  onSuccess: () => ({ dispose: () => undefined }),
  onFailure: () => ({ dispose: () => undefined }),
}

/** @throws ReconcileError ETCD_PACKAGE_MISSING */
export async function loadEtcd3(): Promise<typeof etcd3> {
  try {
    return await import('etcd3')
  } catch (cause) {
    throw packageMissing(cause)
  }
}

let connections = 0

/** Connects when it is first used. */
export async function clientOf(url: string, credentials: Credentials): Promise<etcd3.Etcd3> {
  const { Etcd3 } = await loadEtcd3()
  return new Etcd3({
    hosts: url,
    ...credentials,
    faultHandling: { global: ONCE as Policy, host: () => ONCE as Policy },
    defaultCallOptions: ({ isStream }) => (isStream ? {} : { deadline: Date.now() + ANSWER_MS }),
    grpcOptions: {
      'grpc.max_receive_message_length': -1, // a page of keys is larger than the 4 MiB of the default
      // gRPC shares a connection between channels whose options agree, and so would go back to one that has died
      // unnoticed. With a name of its own each client gets a new one.
      'grpc.primary_user_agent': `ovs-reconcile-${++connections}`,
    },
  })
}
