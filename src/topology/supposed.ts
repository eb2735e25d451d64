// With no switch at hand: every port of the node counts as plugged, under a number that somebody told or under a stand-in.
import type { ManifestSet, Port } from '../manifest/model.js'
import { INTEGRATION_PATCH, TUNNEL_INTERFACE, TUNNEL_PATCH } from '../values/tunnel-patch.js'
import { interfaceName, type SwitchInterface } from './interfaces.js'

/** Open vSwitch numbers ports up to 0xfeff, so these mean no port of any switch. */
const FIRST_STAND_IN = 0x10000

/** Port numbers by interface name: those that are known, and a stand-in for each other name. */
export class SupposedPorts {
  readonly #known: ReadonlyMap<string, number>
  readonly #standIns = new Map<string, number>()
  readonly #names = new Map<number, string>()

  constructor(known: ReadonlyMap<string, number>) {
    this.#known = known
  }

  static isStandIn(port: number): boolean {
    return port >= FIRST_STAND_IN
  }

  portOf(name: string): number {
    return this.#known.get(name) ?? this.#standIns.get(name) ?? this.#standIn(name)
  }

  /** The name of a stand-in; a number that is known prints as a number. */
  nameOf(port: number): string | undefined {
    return this.#names.get(port)
  }

  #standIn(name: string): number {
    const port = FIRST_STAND_IN + this.#standIns.size
    this.#standIns.set(name, port)
    this.#names.set(port, name)
    return port
  }
}

/** The interfaces that the manifests suppose, and the patch port to the tunnel bridge. */
export function supposedInterfaces(
  { ports }: ManifestSet,
  numbers: SupposedPorts,
): readonly SwitchInterface[] {
  return [
    ...ports.map((port) => supposedPort(port, numbers)),
    supposedInterface(TUNNEL_PATCH, 'patch', numbers),
  ]
}

/** Those of the tunnel bridge. */
export function supposedTunnelInterfaces(
  { nodes }: ManifestSet,
  numbers: SupposedPorts,
): readonly SwitchInterface[] {
  const type = nodes[0]?.encapsulation ?? 'geneve'
  return [
    supposedInterface(INTEGRATION_PATCH, 'patch', numbers),
    supposedInterface(TUNNEL_INTERFACE, type, numbers),
  ]
}

function supposedPort(port: Port, numbers: SupposedPorts): SwitchInterface {
  const name = interfaceName(port)
  return { ...supposedInterface(name, '', numbers), ifaceId: port.interface === undefined ? name : undefined }
}

/** One of our own. */
export function supposedInterface(name: string, type: string, numbers: SupposedPorts): SwitchInterface {
  const ofport = numbers.portOf(name)
  return { name, type, ofport, ifaceId: undefined, attachedMac: undefined, error: undefined }
}
