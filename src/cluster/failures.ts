// The errors of this folder in people's words: what etcd or gRPC said in, a ReconcileError with a remedy out.
import { ReconcileError } from '../errors/error.js'

const DENIED = /authentication failed|permission denied|user name is empty|invalid auth token|role not found/i
const TLS = /certificate|\bssl\b|\btls\b|EPROTO/i

/** @param url of the member that was spoken to */
export function asClusterError(url: string, cause: unknown): ReconcileError {
  if (cause instanceof ReconcileError) return cause
  const said = wordsOf(cause)
  if (DENIED.test(said)) {
    return new ReconcileError('ETCD_REFUSED', `etcd at ${url} refuses us: ${said}.`, {
      remedy:
        'Check --etcd-user-file, and that the role of this user may read and write all keys of --etcd-prefix.',
      cause,
    })
  }
  const remedy = TLS.test(said)
    ? 'Check --etcd-ca, --etcd-cert and --etcd-key, and that the certificate of the member names this host.'
    : 'Is etcd running? Use `etcdctl endpoint health` to see, and --etcd to name its members.'
  return new ReconcileError('ETCD_UNREACHABLE', `etcd at ${url} does not answer: ${said}.`, { remedy, cause })
}

/** gRPC wraps what happened: "14 UNAVAILABLE: No connection established. Last error: ... Resolution note: ". */
function wordsOf(cause: unknown): string {
  const said = cause instanceof Error ? cause.message : String(cause)
  const [, wrapped] = /Last error: (.*?)\.? Resolution note/s.exec(said) ?? []
  return (wrapped ?? said).replace(/^(?:\d+ [A-Z_]+: |Error: )+/, '').replace(/\.$/, '')
}

/** @param why words for people, or what a stream failed with */
export function sessionEnded(url: string, why: string | Error): ReconcileError {
  const reason = typeof why === 'string' ? why : wordsOf(why)
  return new ReconcileError('ETCD_UNREACHABLE', `The connection to etcd at ${url} ended: ${reason}.`, {
    remedy:
      'Use `etcdctl endpoint status` and the log of this member to see whether it is alive or overloaded.',
  })
}

export function packageMissing(cause: unknown): ReconcileError {
  return new ReconcileError(
    'ETCD_PACKAGE_MISSING',
    'The package etcd3, which --etcd needs, cannot be loaded.',
    {
      remedy: 'Use `npm install etcd3@^1.1.2` where ovs-reconcile is installed, or leave out --etcd.',
      cause,
    },
  )
}

/** @param switchId the other switch; undefined: it is our own */
export function nodeNameTaken(node: string, switchId: string | undefined): ReconcileError {
  const [where, then] =
    switchId === undefined
      ? ['', '']
      : [`, on another switch (${switchId})`, ' Nothing is written here as long as it does.']
  const message = `Another agent of the cluster runs as node "${node}"${where}.${then}`
  return new ReconcileError('NODE_NAME_TAKEN', message, {
    remedy: 'Use another --node on one of them, or end one of them.',
  })
}

export function unreadableFile(flag: string, path: string, cause: unknown): ReconcileError {
  return new ReconcileError('PATH_UNREADABLE', `Cannot read "${path}", the file of ${flag}.`, {
    remedy: `Check ${flag}, and that the file may be read by the user who runs this.`,
    cause,
  })
}

export function malformedUserFile(path: string): ReconcileError {
  return new ReconcileError(
    'INVALID_CONFIG',
    `The file "${path}" of --etcd-user-file is not one line user:password.`,
    {
      remedy: 'Write the name, a colon and the password on one line.',
    },
  )
}
