// The files that prove who we are to etcd, and etcd to us, in; what etcd3's client wants of them out.
import { readFile } from 'node:fs/promises'
import { rootCertificates } from 'node:tls'
import type { IOptions } from 'etcd3'
import { malformedUserFile, unreadableFile } from './failures.js'
import type { EtcdAccess } from './options.js'

export type Credentials = Pick<IOptions, 'credentials' | 'auth'>

/** @throws ReconcileError PATH_UNREADABLE, INVALID_CONFIG */
export async function readCredentials(access: EtcdAccess): Promise<Credentials> {
  const [ca, certChain, privateKey, user] = await Promise.all([
    read('--etcd-ca', access.caFile),
    read('--etcd-cert', access.certFile),
    read('--etcd-key', access.keyFile),
    read('--etcd-user-file', access.userFile),
  ])
  return {
    ...((ca ?? certChain) && {
      credentials: {
        rootCertificate: ca ?? Buffer.from(rootCertificates.join('\n')),
        ...(certChain && privateKey && { certChain, privateKey }),
      },
    }),
    ...(user && access.userFile !== undefined && { auth: parseUser(access.userFile, user.toString()) }),
  }
}

async function read(flag: string, path: string | undefined): Promise<Buffer | undefined> {
  if (path === undefined) return undefined
  try {
    return await readFile(path)
  } catch (cause) {
    throw unreadableFile(flag, path, cause)
  }
}

/** A password may hold colons, a name may not. */
function parseUser(path: string, text: string): { readonly username: string; readonly password: string } {
  const [, username, password] = /^([^:\n]+):([^\n]+)\n?$/.exec(text) ?? []
  if (username === undefined || password === undefined) throw malformedUserFile(path)
  return { username, password }
}
