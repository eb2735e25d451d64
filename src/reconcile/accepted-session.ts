// The daemon's hold on a switch that has connected to it: no OVSDB, no lock, nothing noted on the bridge. Its ports are
// those that OpenFlow describes, by name. It ends with its connection, and nothing of it is left.
import type { OpenFlowConnection } from '../openflow/connection.js'
import type { Message } from '../openflow/messages/messages.js'
import { BridgePorts } from '../switch/bridge-ports.js'
import { cutPortMessages } from '../switch/cut-port.js'
import type { SwitchInterface } from '../topology/interfaces.js'
import { TUNNEL_PATCH } from '../values/tunnel-patch.js'
import type { BridgeLink } from './switch-link.js'
import type { BridgeSessions, Session, SessionHooks } from './switch-session.js'

export class AcceptedSession implements BridgeSessions {
  readonly isStandingBy = false
  readonly #connection: OpenFlowConnection
  readonly #hooks: SessionHooks
  readonly #ports = new BridgePorts()
  #session: Session | undefined

  constructor(connection: OpenFlowConnection, hooks: SessionHooks) {
    this.#connection = connection
    this.#hooks = hooks
  }

  get current(): Session | undefined {
    return this.#session
  }

  get link(): BridgeLink | undefined {
    return this.#session?.link
  }

  /** Asks for the ports. Where that fails the connection ends: the switch comes again, and is asked again. */
  async open(): Promise<Session | undefined> {
    if (this.#session || this.#connection.endError) return this.#session
    try {
      const table = await this.#hooks.greet(this.#connection)
      await this.#ports.read(this.#connection)
      this.#session = { link: linkOf(this.#ports), table }
      return this.#session
    } catch (error) {
      this.#connection.close()
      throw error
    }
  }

  receive(message: Message): void {
    const change = this.#ports.receive(message)
    if (change?.takenOver) for (const cut of cutPortMessages(change.ofport)) this.#connection.send(cut)
    if (change) this.#hooks.onChange()
  }

  flowsAreThere(): Promise<void> {
    return Promise.resolve()
  }

  close(): void {
    this.#connection.close()
    this.#session = undefined
  }
}

/** Without OVSDB there is no word of a host, of an iface-id, or of what was applied before. */
function linkOf(ports: BridgePorts): BridgeLink {
  return {
    client: undefined,
    bridge: undefined,
    notes: undefined,
    ...{ switchId: '', hostname: undefined },
    get interfaces() {
      return interfacesOf(ports)
    },
    get plugged() {
      return { interfaces: interfacesOf(ports), tunnelInterfaces: [] }
    },
    ...{ integrationNotes: undefined, tunnelNotes: undefined, tunnelIp: undefined },
  }
}

function interfacesOf({ named }: BridgePorts): readonly SwitchInterface[] {
  return [...named].map(([name, ofport]) => interfaceOf(name, ofport))
}

/** OpenFlow tells no type: the one that counts is known by its name. */
function interfaceOf(name: string, ofport: number): SwitchInterface {
  const type = name === TUNNEL_PATCH ? 'patch' : ''
  return { name, type, ofport, ifaceId: undefined, attachedMac: undefined, error: undefined }
}
