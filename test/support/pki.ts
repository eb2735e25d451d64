// A certificate authority of the tests' own, for servers on 127.0.0.1 and their clients.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runOrThrow } from './processes.js'

export interface Pki {
  readonly caFile: string
  readonly server: KeyPair
  readonly client: KeyPair
}

export interface KeyPair {
  readonly certFile: string
  readonly keyFile: string
}

export async function makePki(folder: string): Promise<Pki> {
  const ca = filesOf(folder, 'ca')
  await runOrThrow('openssl', [...request(ca, 'test authority'), '-x509', '-out', ca.certFile])
  return {
    caFile: ca.certFile,
    server: await sign(
      folder,
      ca,
      'server',
      'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth',
    ),
    client: await sign(folder, ca, 'client', 'extendedKeyUsage=clientAuth'),
  }
}

async function sign(folder: string, ca: KeyPair, name: string, extensions: string): Promise<KeyPair> {
  const files = filesOf(folder, name)
  const [csr, extensionFile] = [join(folder, `${name}.csr`), join(folder, `${name}.ext`)]
  await writeFile(extensionFile, extensions)
  await runOrThrow('openssl', [...request(files, name), '-out', csr])
  const authority = ['-CA', ca.certFile, '-CAkey', ca.keyFile, '-CAcreateserial']
  const output = ['-days', '1', '-extfile', extensionFile, '-out', files.certFile]
  await runOrThrow('openssl', ['x509', '-req', '-in', csr, ...authority, ...output])
  return files
}

function request({ keyFile }: KeyPair, name: string): readonly string[] {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile]
  return ['req', '-new', ...key, '-subj', `/CN=${name}`]
}

function filesOf(folder: string, name: string): KeyPair {
  return { certFile: join(folder, `${name}.pem`), keyFile: join(folder, `${name}.key`) }
}
