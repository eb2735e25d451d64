// Both connections to a switch: OVSDB, where its bridges and ports are known, and OpenFlow, where its flows are.
import { setTimeout as sleep } from 'node:timers/promises'
import { ReconcileError } from '../errors/error.js'
import { connectOpenFlow, type OpenFlowConnection } from '../openflow/connection.js'
import { PORT } from '../openflow/ports.js'
import { createBridge, datapathTypeFor } from '../ovsdb/bridge.js'
import { OvsdbClient } from '../ovsdb/client.js'
import { endFlowRestoreWait } from '../ovsdb/flow-restore-wait.js'
import { lockName, OvsdbLock } from '../ovsdb/lock.js'
import { monitorSwitch } from '../ovsdb/monitor.js'
import type { Replica } from '../ovsdb/replica.js'
import {
  ensureTunnelBridge,
  planTunnelBridge,
  type TunnelBridgeChange,
  type TunnelSpec,
} from '../ovsdb/tunnel-bridge.js'
import {
  bridgeNotes,
  type BridgeNotes,
  bridgeView,
  type BridgeView,
  switchView,
  type SwitchView,
} from '../ovsdb/view.js'
import type { Message } from '../openflow/messages/messages.js'
import { cutPortMessages } from '../switch/cut-port.js'
import { BridgePorts } from '../switch/bridge-ports.js'
import type { SwitchInterface } from '../topology/interfaces.js'
import { type Endpoint } from '../values/endpoint.js'
import { TUNNEL_BRIDGE } from '../values/tunnel-patch.js'

export interface SwitchTarget {
  readonly ovsdb: Endpoint
  readonly openflow: Endpoint
  readonly bridge: string
  /** For a bridge that has to be made. */
  readonly datapathType: string | undefined
  /** Of a tunnel bridge: the bridge that it is joined to. A bridge with guests has none. */
  readonly integrationBridge?: string
}

/** What a topology takes from a switch. */
export interface Plugged {
  /** Of the bridge with the guests. */
  readonly interfaces: readonly SwitchInterface[]
  readonly tunnelInterfaces: readonly SwitchInterface[]
}

/** What a pass wants to know of the bridge besides its flows. */
export interface BridgeLink {
  /** Undefined where there is no OVSDB: nothing can be noted on the bridge, and nothing was. */
  readonly client: OvsdbClient | undefined
  readonly bridge: BridgeView | undefined
  readonly notes: BridgeNotes | undefined
  /** Tells the switch from all others; '' where there is no OVSDB. */
  readonly switchId: string
  /** What the switch calls its host. */
  readonly hostname: string | undefined
  /** Of the bridge itself. */
  readonly interfaces: readonly SwitchInterface[]
  /** Of the node: of its two bridges, whichever this one is. */
  readonly plugged: Plugged
  /** What is noted on the bridge with the guests. */
  readonly integrationNotes: BridgeNotes | undefined
  /** What is noted on the tunnel bridge, where there is one. */
  readonly tunnelNotes: BridgeNotes | undefined
  /** The tunnel address of this host as its switch says: Open_vSwitch external_ids:reconcile-tunnel-ip. */
  readonly tunnelIp: string | undefined
}

/** How long a new bridge may take to open its management socket, and OVSDB to answer, in milliseconds. */
const BRIDGE_TIMEOUT_MS = 5_000
const OVSDB_TIMEOUT_MS = 10_000
const POLL_MS = 20

/** OVSDB has port numbers of 16 bits, as OpenFlow 1.0 had: this is the bridge's own port, OFPP_LOCAL. */
const OVSDB_LOCAL = 0xfffe

export class SwitchLink implements BridgeLink {
  readonly client: OvsdbClient
  readonly #target: SwitchTarget
  #replica: Replica
  #connection: OpenFlowConnection | undefined
  /** Of the bridge that is connected. */
  #ports: BridgePorts | undefined
  /** Of the bridge as it was last seen: one that somebody deletes is made again as it was. */
  #datapathType: string | undefined
  /** It was made just now, and its socket may not be there yet. */
  #isNew = false
  #closed = false

  private constructor(target: SwitchTarget, client: OvsdbClient, replica: Replica) {
    this.#target = target
    this.client = client
    this.#replica = replica
    this.#datapathType = target.datapathType
  }

  /**
   * Connects to OVSDB and reads what is there.
   * @param onChange called after every change of the tables that are watched
   */
  static async open(target: SwitchTarget, onChange: () => void = () => undefined): Promise<SwitchLink> {
    const client = await OvsdbClient.connect(target.ovsdb, { timeoutMs: OVSDB_TIMEOUT_MS })
    try {
      // `onChange` is not called before the first replica is there, and so never before `link`.
      const link: SwitchLink = new SwitchLink(
        target,
        client,
        await monitorSwitch(client, (next) => {
          link.#replica = next
          onChange()
        }),
      )
      return link
    } catch (error) {
      client.close()
      throw error
    }
  }

  /**
   * Asks for the lock of whoever writes the flows of this bridge. The server takes it back when this link ends.
   * @param onChange called when it comes later, and when it is stolen
   */
  async lock(onChange: () => void = () => undefined): Promise<OvsdbLock> {
    return OvsdbLock.request(this.client, lockName(this.#target.bridge), onChange)
  }

  get switch(): SwitchView {
    return switchView(this.#replica)
  }

  get switchId(): string {
    return this.switch.id
  }

  get hostname(): string | undefined {
    return this.switch.hostname
  }

  /** Undefined when the switch has no such bridge. */
  get bridge(): BridgeView | undefined {
    return bridgeView(this.#replica, this.#target.bridge)
  }

  /** The same without its interfaces: cheap. */
  get notes(): BridgeNotes | undefined {
    return bridgeNotes(this.#replica, this.#target.bridge)
  }

  /** With the port numbers that OpenFlow tells, which flows speak of; without a connection, those of OVSDB. */
  get interfaces(): readonly SwitchInterface[] {
    return this.#interfacesOf(this.#target.bridge)
  }

  /** Of the other bridge with the numbers that OVSDB has: no flow of this bridge speaks of them. */
  get plugged(): Plugged {
    const { bridge, integrationBridge = bridge } = this.#target
    return {
      interfaces: this.#interfacesOf(integrationBridge),
      tunnelInterfaces: this.#interfacesOf(TUNNEL_BRIDGE),
    }
  }

  get tunnelNotes(): BridgeNotes | undefined {
    return bridgeNotes(this.#replica, TUNNEL_BRIDGE)
  }

  get integrationNotes(): BridgeNotes | undefined {
    const { bridge, integrationBridge = bridge } = this.#target
    return bridgeNotes(this.#replica, integrationBridge)
  }

  get tunnelIp(): string | undefined {
    return this.switch.tunnelIp
  }

  #interfacesOf(bridge: string): readonly SwitchInterface[] {
    const isOwn = bridge === this.#target.bridge
    const { interfaces = [] } = bridgeView(this.#replica, bridge) ?? {}
    return interfaces.map(({ name, type, ofport, error, mtu, externalIds }) => {
      const inOvsdb = ofport === OVSDB_LOCAL ? PORT.LOCAL : ofport
      return {
        ...{ name, type, error, mtu },
        ofport: isOwn ? this.#numberOf(name, inOvsdb) : inOvsdb,
        ifaceId: externalIds.get('iface-id'),
        attachedMac: externalIds.get('attached-mac'),
      }
    })
  }

  /** @throws ReconcileError as `planTunnelBridge` */
  planTunnel(spec: TunnelSpec): readonly TunnelBridgeChange[] {
    return planTunnelBridge(this.#replica, spec)
  }

  /**
   * Makes what is missing of the tunnel bridge and of its ports.
   * @returns what was done
   * @throws ReconcileError as `ensureTunnelBridge`
   */
  async ensureTunnel(spec: TunnelSpec): Promise<readonly TunnelBridgeChange[]> {
    const changes = await ensureTunnelBridge(this.client, this.#replica, spec)
    if (changes.some(({ kind }) => kind === 'add-bridge')) this.#isNew = true
    return changes
  }

  /** Asks the switch until these ports have numbers, or for 5 s: for one who does not hear of changes. */
  async awaitPorts(names: readonly string[]): Promise<void> {
    const deadline = Date.now() + BRIDGE_TIMEOUT_MS
    while (this.#connection && Date.now() < deadline) {
      await this.#ports?.read(this.#connection)
      if (names.every((name) => this.#ports?.numberOf(name, undefined) !== undefined)) return
      await sleep(POLL_MS)
    }
  }

  #numberOf(name: string, inOvsdb: number | undefined): number | undefined {
    return this.#ports ? this.#ports.numberOf(name, inOvsdb) : inOvsdb
  }

  /**
   * Opens the OpenFlow connection, after making the bridge where there is none, and asks which ports it has.
   * @param greet called first with the new connection: who wants to hear of changes of ports says so here, and hands each
   *   message to `receive`
   * @returns what `greet` makes of it
   * @throws ReconcileError SWITCH_UNREACHABLE also when a new bridge does not come up
   */
  async connectBridge<T>(greet: (connection: OpenFlowConnection) => T | Promise<T>): Promise<T> {
    this.disconnectBridge()
    const connection = await this.#openBridge()
    this.#connection = connection
    const ports = new BridgePorts()
    this.#ports = ports
    if (this.#closed) connection.close()
    const greeted = await greet(connection)
    await ports.read(connection)
    this.#datapathType ??= this.bridge?.datapathType
    return greeted
  }

  /**
   * Takes a message of the connection. Where a port has got the number of another one, the flows of that number end at once.
   * @returns true when ports have come, gone or changed their numbers
   */
  receive(message: Message): boolean {
    const change = this.#ports?.receive(message)
    if (change?.takenOver) for (const cut of cutPortMessages(change.ofport)) this.#connection?.send(cut)
    return change !== undefined
  }

  /** For a bridge that has to be made: as asked for, else as it was. */
  get datapathType(): string | undefined {
    return this.#datapathType
  }

  /** Says that all flows are there, to a switch that waits for it. */
  async endFlowRestoreWait(): Promise<void> {
    await endFlowRestoreWait(this.client)
  }

  disconnectBridge(): void {
    this.#connection?.close()
    this.#connection = undefined
    this.#ports = undefined
  }

  close(): void {
    this.#closed = true
    this.disconnectBridge()
    this.client.close()
  }

  async #openBridge(): Promise<OpenFlowConnection> {
    const { bridge: name, openflow, integrationBridge } = this.#target
    if (!this.bridge && integrationBridge === undefined) {
      const datapathType = datapathTypeFor(this.switch, this.#datapathType)
      await createBridge(this.client, { name, datapathType })
      this.#isNew = true
    }
    const connection = this.#isNew ? await this.#comeUp(name) : await connectOpenFlow(openflow)
    this.#isNew = false
    return connection
  }

  async #comeUp(name: string): Promise<OpenFlowConnection> {
    const deadline = Date.now() + BRIDGE_TIMEOUT_MS
    for (;;) {
      try {
        const connection = await connectOpenFlow(this.#target.openflow)
        if (this.bridge) return connection
        connection.close()
      } catch (error) {
        if (Date.now() > deadline) throw bridgeDown(name, error)
      }
      await sleep(POLL_MS)
    }
  }
}

function bridgeDown(name: string, cause: unknown): ReconcileError {
  return new ReconcileError(
    'SWITCH_UNREACHABLE',
    `Bridge ${name} was made, but has no management socket after ${BRIDGE_TIMEOUT_MS / 1000} s.`,
    {
      remedy:
        'Is ovs-vswitchd running? Without the kernel module the bridge needs --datapath-type netdev; delete it first: ovs-vsctl del-br ' +
        `${name}.`,
      cause,
    },
  )
}
