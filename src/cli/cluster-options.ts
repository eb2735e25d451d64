// The options of the daemon that have to do with the cluster: how etcd is found, and what proves who we are.
import { InvalidArgumentError, Option } from '@commander-js/extra-typings'
import type { EtcdAccess } from '../cluster/options.js'

export const etcdOption = () =>
  new Option('--etcd <url,...>', 'with --watch: etcd, where the nodes tell each other what they have bound')
    .argParser(etcdUrls)
    .env('RECONCILE_ETCD')

export const etcdPrefixOption = () =>
  new Option('--etcd-prefix <path>', 'what the keys in etcd begin with')
    .argParser(etcdPrefix)
    .default('/ovs-reconcile')
    .env('RECONCILE_ETCD_PREFIX')

export const etcdCaOption = () =>
  new Option('--etcd-ca <file>', "PEM file of those who may sign etcd's certificate").env('RECONCILE_ETCD_CA')

export const etcdCertOption = () =>
  new Option('--etcd-cert <file>', 'PEM file of our own certificate for etcd').env('RECONCILE_ETCD_CERT')

export const etcdKeyOption = () =>
  new Option('--etcd-key <file>', 'PEM file of its private key').env('RECONCILE_ETCD_KEY')

export const etcdUserFileOption = () =>
  new Option('--etcd-user-file <file>', 'file with user:password for etcd').env('RECONCILE_ETCD_USER_FILE')

/** What the options above come to. */
export interface EtcdOptionValues {
  readonly etcd?: readonly string[] | undefined
  readonly etcdPrefix: string
  readonly etcdCa?: string | undefined
  readonly etcdCert?: string | undefined
  readonly etcdKey?: string | undefined
  readonly etcdUserFile?: string | undefined
}

/** @returns undefined where no cluster was asked for */
export function etcdAccessOf(values: EtcdOptionValues): EtcdAccess | undefined {
  if (values.etcd === undefined) return undefined
  return {
    urls: values.etcd,
    prefix: values.etcdPrefix,
    caFile: values.etcdCa,
    certFile: values.etcdCert,
    keyFile: values.etcdKey,
    userFile: values.etcdUserFile,
  }
}

/** @returns what is wrong with the options together, for `command.error`; undefined when nothing is */
export function etcdComplaint(values: EtcdOptionValues): string | undefined {
  const { etcd, etcdCa, etcdCert, etcdKey, etcdUserFile } = values
  const files = { '--etcd-ca': etcdCa, '--etcd-cert': etcdCert, '--etcd-key': etcdKey }
  const [alone] =
    Object.entries({ ...files, '--etcd-user-file': etcdUserFile }).find(([, file]) => file) ?? []
  if (!etcd) return alone && `error: option '${alone}' needs '--etcd'`
  const [tls] = Object.entries(files).find(([, file]) => file) ?? []
  if (tls && etcd[0]?.startsWith('http:')) return `error: option '${tls}' needs https:// in '--etcd'`
  if (etcdCert && !etcdKey) return "error: option '--etcd-cert' needs '--etcd-key'"
  if (etcdKey && !etcdCert) return "error: option '--etcd-key' needs '--etcd-cert'"
  return undefined
}

const MEMBER = /^(https?):\/\/(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::([1-9][0-9]{0,4}))?\/?$/i

/** The port that IANA has given to clients of etcd. */
const CLIENT_PORT = '2379'

function etcdUrls(text: string): readonly string[] {
  const urls = text.split(',').map((part) => {
    const [, scheme, host, port = CLIENT_PORT] = MEMBER.exec(part.trim()) ?? []
    if (scheme === undefined || host === undefined || Number(port) > 0xffff) {
      throw new InvalidArgumentError('Use http://HOST:PORT or https://HOST:PORT, with a comma between two.')
    }
    return `${scheme.toLowerCase()}://${host}:${port}`
  })
  if (new Set(urls.map((url) => url.split(':')[0])).size > 1) {
    throw new InvalidArgumentError('Use either http:// or https:// for all members.')
  }
  return urls
}

function etcdPrefix(text: string): string {
  if (/^(?:\/[A-Za-z0-9._-]+)+$/.test(text)) return text
  throw new InvalidArgumentError(
    'Use a path such as /ovs-reconcile: letters, digits, ".", "_", "-" after each "/".',
  )
}
