// The daemon's hold on a switch that it connects to: a connection to OVSDB, the lock that says who works on the bridge, and, for its holder
// alone, the OpenFlow connection. What was lost is reported and comes back with the next call.
import type { Logger } from 'pino'
import type { OpenFlowConnection } from '../openflow/connection.js'
import type { Message } from '../openflow/messages/messages.js'
import { FLOW_RESTORE_WAIT } from '../ovsdb/flow-restore-wait.js'
import type { OvsdbLock } from '../ovsdb/lock.js'
import type { SwitchTable } from '../switch/switch-table.js'
import { SocketWatch } from './socket-watch.js'
import { type BridgeLink, SwitchLink, type SwitchTarget } from './switch-link.js'

/** The switch as it is connected now, to one who may write to it. */
export interface Session {
  readonly link: BridgeLink
  readonly table: SwitchTable
}

/** How one bridge is had: whether we connect to it or it to us. */
export interface BridgeSessions {
  readonly current: Session | undefined
  /** What is known of the bridge, also by one who stands by. */
  readonly link: BridgeLink | undefined
  /** Is another one at work, as far as it can be known? */
  readonly isStandingBy: boolean
  /**
   * Makes a session where there is none.
   * @returns undefined while another one works
   * @throws ReconcileError of OVSDB and of the switch
   */
  open(): Promise<Session | undefined>
  /** Takes a message of the connection, for the ports of the bridge. */
  receive(message: Message): void
  /** After the first full pass of a session: a switch that waits for its flows is told that they are there. */
  flowsAreThere(): Promise<void>
  close(): void
}

/** Whom a session tells what happens. */
export interface SessionHooks {
  /** Called first with each new OpenFlow connection: listens, and asks for what it wants to hear. */
  readonly greet: (connection: OpenFlowConnection) => Promise<SwitchTable>
  /** Something changed that a full pass depends on, or a session may be had. */
  readonly onChange: () => void
  /** A session or the way to one has ended, and the next pass may make another. */
  readonly onLost: () => void
}

export interface SessionOptions extends SessionHooks {
  readonly target: SwitchTarget
  /** Called before each full pass of the one who has the lock: makes in OVSDB what the bridge needs. */
  readonly prepare?: (link: SwitchLink) => Promise<void>
  /** Do all bridges of the node have their flows? */
  readonly areAllComplete: () => boolean
  readonly log: Logger
}

/**
 * How long the packets of this node's own guests wait for the flows of the tunnel bridge, after a restart: whoever works on that one may
 * not come. Milliseconds.
 */
const TUNNEL_PATIENCE_MS = 5_000

interface LinkSession extends Session {
  readonly link: SwitchLink
}

export class SwitchSessions implements BridgeSessions {
  readonly #options: SessionOptions
  readonly #sockets: SocketWatch
  #link: SwitchLink | undefined
  #lock: OvsdbLock | undefined
  #session: LinkSession | undefined
  #datapathType: string | undefined
  /** Does the switch let no packet pass until it hears that the flows are there? As it was found on connect. */
  #restoreWaits = false
  #patience: NodeJS.Timeout | undefined
  /** The one that has had its first full pass. */
  #complete: LinkSession | undefined
  #isStandingBy = false
  #closed = false

  constructor(options: SessionOptions) {
    const { target, onChange } = options
    this.#options = options
    this.#sockets = new SocketWatch([target.ovsdb, target.openflow], () => {
      if (!this.#session) onChange()
    })
  }

  get current(): Session | undefined {
    return this.#session
  }

  get link(): SwitchLink | undefined {
    return this.#link
  }

  get isStandingBy(): boolean {
    return this.#isStandingBy && this.#link !== undefined
  }

  /** Has the bridge had all its flows since it was connected? */
  get isComplete(): boolean {
    return this.#complete !== undefined && this.#complete === this.#session
  }

  /** Connects; undefined while another reconciler has the lock of the bridge. */
  async open(): Promise<Session | undefined> {
    if (this.#session) await this.#options.prepare?.(this.#session.link)
    if (this.#session) return this.#session
    this.#sockets.arm()
    const link = this.#link ?? (await this.#openLink())
    this.#say(!this.#lock?.held)
    if (!this.#lock?.held) return undefined
    await this.#options.prepare?.(link)
    return this.#connect(link)
  }

  receive(message: Message): void {
    if (this.#link?.receive(message)) this.#options.onChange()
  }

  async flowsAreThere(): Promise<void> {
    const session = this.#session
    this.#complete = session
    if (!session || !this.#restoreWaits) return
    if (this.#options.areAllComplete()) await this.#endRestoreWait(session, 'all flows are there')
    else if (this.#options.target.integrationBridge === undefined) this.#endRestoreWaitLater(session)
  }

  async #endRestoreWait(session: LinkSession, why: string): Promise<void> {
    if (session.link.switch.flowRestoreWait) {
      await session.link.endFlowRestoreWait()
      this.#options.log.info(`${why}: ${FLOW_RESTORE_WAIT} was set and is removed`)
    }
    this.#restoreWaits = false
  }

  #endRestoreWaitLater(session: LinkSession): void {
    const end = async (): Promise<void> => {
      if (session !== this.#session || !this.#restoreWaits) return
      await this.#endRestoreWait(session, 'the tunnel bridge still lacks its flows')
    }
    // Where OVSDB fails here the session ends, and the next one tries again.
    this.#patience ??= setTimeout(() => void end().catch(() => undefined), TUNNEL_PATIENCE_MS)
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#patience)
    this.#sockets.disarm()
    this.#link?.close()
  }

  async #openLink(): Promise<SwitchLink> {
    const { target, onChange } = this.#options
    const datapathType = target.datapathType ?? this.#datapathType
    const link = await SwitchLink.open({ ...target, datapathType }, onChange)
    try {
      this.#lock = await link.lock(() => this.#lockChanged(link))
    } catch (error) {
      link.close()
      throw error
    }
    if (this.#closed) link.close()
    this.#link = link
    void link.client.closed.then(() => this.#linkEnded(link))
    return link
  }

  async #connect(link: SwitchLink): Promise<Session | undefined> {
    this.#restoreWaits = link.switch.flowRestoreWait
    clearTimeout(this.#patience)
    this.#patience = undefined
    const table = await link.connectBridge(this.#options.greet)
    // Stolen, or lost with the connection to OVSDB, while the switch was greeting.
    if (link !== this.#link || !this.#lock?.held) {
      table.connection.close()
      return undefined
    }
    const session = { link, table }
    this.#session = session
    this.#sockets.disarm()
    void table.connection.closed.then(() => this.#sessionEnded(session))
    this.#options.log.debug('connected to the switch')
    return session
  }

  /** Ours now: a pass connects. Stolen: nothing more is sent, not even what a pass under way was about to send. */
  #lockChanged(link: SwitchLink): void {
    if (link !== this.#link || this.#closed) return
    if (this.#lock?.held === false) {
      this.#session = undefined
      link.disconnectBridge()
    }
    this.#options.onChange()
  }

  /** The connection to OVSDB stays, and with it the lock: what comes back is given its flows by the one who knows them. */
  #sessionEnded(session: LinkSession): void {
    if (session !== this.#session || this.#closed) return
    this.#session = undefined
    this.#sockets.arm()
    this.#options.onLost()
  }

  /** The server has let go of the lock, and may give it to another one at once. */
  #linkEnded(link: SwitchLink): void {
    if (link !== this.#link || this.#closed) return
    this.#datapathType = link.datapathType
    this.#link = undefined
    this.#lock = undefined
    this.#session = undefined
    link.close()
    this.#sockets.arm()
    this.#options.onLost()
  }

  /** Once for each change of roles; who works from the start has nothing to say. */
  #say(isStandingBy: boolean): void {
    if (isStandingBy === this.#isStandingBy) return
    this.#isStandingBy = isStandingBy
    const { log, target } = this.#options
    if (isStandingBy) log.info(`standing by: another reconciler works on ${target.bridge}`)
    else log.info(`taking over ${target.bridge}`)
  }
}
