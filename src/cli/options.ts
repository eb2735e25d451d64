// Options that several commands have, each declared once. What they mean is the same everywhere.
import { InvalidArgumentError, Option } from '@commander-js/extra-typings'
import { OPENFLOW_13, OPENFLOW_14, OPENFLOW_15, type Version, VERSIONS } from '../openflow/version.js'

export const bridgeOption = () =>
  new Option('--bridge <name>', 'the bridge to work on').default('br-int').env('RECONCILE_BRIDGE')

export const ovsdbOption = () =>
  new Option('--ovsdb <remote>', 'unix:PATH or tcp:HOST:PORT').env('RECONCILE_OVSDB')

export const openflowOption = () =>
  new Option('--openflow <remote>', 'unix:PATH or tcp:HOST:PORT').env('RECONCILE_OPENFLOW')

export const socketOption = (meaning: string) =>
  new Option('--socket <path>', meaning).env('RECONCILE_SOCKET')

const PROTOCOLS: Readonly<Record<'OpenFlow13' | 'OpenFlow14' | 'OpenFlow15', Version>> = {
  OpenFlow13: OPENFLOW_13,
  OpenFlow14: OPENFLOW_14,
  OpenFlow15: OPENFLOW_15,
}

/** As `ovs-ofctl -O`. Without it the best version that the bridge allows. */
export const protocolOption = () =>
  new Option(
    '-O, --protocols <version>',
    'OpenFlow version to speak (default: the newest of the bridge)',
  ).choices(['OpenFlow13', 'OpenFlow14', 'OpenFlow15'] as const)

/** Versions to offer, for the value of `protocolOption`. */
export function versionsOf(protocol: keyof typeof PROTOCOLS | undefined): readonly Version[] {
  return protocol ? [PROTOCOLS[protocol]] : VERSIONS
}

export const portMapOption = () =>
  new Option('--port-map <name=n,...>', 'port numbers of interfaces, where no switch tells them').argParser(
    portMap,
  )

export type Color = 'auto' | 'always' | 'never'

export const colorOption = () =>
  new Option('--color <when>').choices(['auto', 'always', 'never'] as const).default('auto' as const)

export const quietOption = (meaning: string) => new Option('-q, --quiet', meaning).default(false)

export const verboseOption = () => new Option('-v, --verbose', 'say more').default(false)

/** `tap-vm1=11,tap-vm2=12` */
function portMap(text: string): ReadonlyMap<string, number> {
  const entries = text.split(',').map((pair): readonly [string, number] => {
    const [, name, port] = /^(.+)=([0-9]+)$/.exec(pair) ?? []
    const number = Number(port)
    if (name === undefined || number < 1 || number > 0xfeff) {
      throw new InvalidArgumentError(`"${pair}" is not NAME=NUMBER with a number of 1 to 65279.`)
    }
    return [name, number]
  })
  if (new Set(entries.map(([, port]) => port)).size < entries.length) {
    throw new InvalidArgumentError('Two interfaces cannot have the same number.')
  }
  return new Map(entries)
}
