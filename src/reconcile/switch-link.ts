// Both connections to a switch: OVSDB, where its bridges and ports are known, and OpenFlow, where its flows are.
import { setTimeout as sleep } from 'node:timers/promises'
import { ReconcileError } from '../errors/error.js'
import { connectOpenFlow, type OpenFlowConnection } from '../openflow/connection.js'
import { PORT } from '../openflow/ports.js'
import { createBridge, datapathTypeFor } from '../ovsdb/bridge.js'
import { OvsdbClient } from '../ovsdb/client.js'
import { monitorSwitch } from '../ovsdb/monitor.js'
import type { Replica } from '../ovsdb/replica.js'
import { bridgeView, type BridgeView, switchView, type SwitchView } from '../ovsdb/view.js'
import type { SwitchInterface } from '../topology/interfaces.js'
import { type Endpoint } from '../values/endpoint.js'

export interface SwitchTarget {
  readonly ovsdb: Endpoint
  readonly openflow: Endpoint
  readonly bridge: string
  /** For a bridge that has to be made. */
  readonly datapathType: string | undefined
}

/** How long a new bridge may take to open its management socket, and OVSDB to answer, in milliseconds. */
const BRIDGE_TIMEOUT_MS = 5_000
const OVSDB_TIMEOUT_MS = 10_000
const POLL_MS = 20

/** OVSDB has port numbers of 16 bits, as OpenFlow 1.0 had: this is the bridge's own port, OFPP_LOCAL. */
const OVSDB_LOCAL = 0xfffe

export class SwitchLink {
  readonly client: OvsdbClient
  readonly #target: SwitchTarget
  #replica: Replica
  #connection: OpenFlowConnection | undefined

  private constructor(target: SwitchTarget, client: OvsdbClient, replica: Replica) {
    this.#target = target
    this.client = client
    this.#replica = replica
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

  get switch(): SwitchView {
    return switchView(this.#replica)
  }

  /** Undefined when the switch has no such bridge. */
  get bridge(): BridgeView | undefined {
    return bridgeView(this.#replica, this.#target.bridge)
  }

  get interfaces(): readonly SwitchInterface[] {
    return (this.bridge?.interfaces ?? []).map(({ name, type, ofport, error, externalIds }) => ({
      name,
      type,
      ofport: ofport === OVSDB_LOCAL ? PORT.LOCAL : ofport,
      error,
      ifaceId: externalIds.get('iface-id'),
      attachedMac: externalIds.get('attached-mac'),
    }))
  }

  /**
   * Opens the OpenFlow connection, after making the bridge where there is none.
   * @throws ReconcileError SWITCH_UNREACHABLE also when a new bridge does not come up
   */
  async connectBridge(): Promise<OpenFlowConnection> {
    this.#connection = this.bridge ? await connectOpenFlow(this.#target.openflow) : await this.#makeBridge()
    return this.#connection
  }

  close(): void {
    this.#connection?.close()
    this.client.close()
  }

  async #makeBridge(): Promise<OpenFlowConnection> {
    const { bridge: name, datapathType: requested } = this.#target
    await createBridge(this.client, { name, datapathType: datapathTypeFor(this.switch, requested) })
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
