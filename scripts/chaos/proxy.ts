// Stands between the daemon and the bridge's management socket, and can cut the connection or hold it up.
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Lab } from '../../test/support/lab.js'

export class ControlProxy {
  /** For `--openflow`. */
  readonly remote: string
  readonly #upstream: string
  readonly #sockets = new Set<Socket>()
  readonly #server: Server
  #stalled = false

  private constructor(lab: Lab) {
    const path = join(lab.runDir, 'br-int.proxy')
    this.remote = `unix:${path}`
    this.#upstream = join(lab.runDir, 'br-int.mgmt')
    // It must not keep us alive when a run fails half way.
    this.#server = createServer((client) => this.#join(client))
      .listen(path)
      .unref()
  }

  static async open(lab: Lab): Promise<ControlProxy> {
    const proxy = new ControlProxy(lab)
    await new Promise((resolve) => proxy.#server.once('listening', resolve))
    return proxy
  }

  /** Ends all connections; new ones are taken. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Until `resume` nothing is passed on; what was sent waits. */
  stall(): void {
    this.#stalled = true
    for (const socket of this.#sockets) socket.pause()
  }

  resume(): void {
    this.#stalled = false
    for (const socket of this.#sockets) socket.resume()
  }

  close(): void {
    this.cut()
    this.#server.close()
  }

  #join(client: Socket): void {
    const upstream = connect(this.#upstream)
    this.#pass(client, upstream)
    this.#pass(upstream, client)
  }

  #pass(from: Socket, to: Socket): void {
    this.#sockets.add(from)
    from.on('data', (chunk) => {
      if (to.write(chunk)) return
      from.pause()
      to.once('drain', () => this.#stalled || from.resume())
    })
    from.on('error', () => to.destroy())
    from.on('close', () => {
      this.#sockets.delete(from)
      to.destroy()
    })
    if (this.#stalled) from.pause()
  }
}
