// Stands between a client and a server on loopback, and can be cut: connections end, and new ones end at once.
import { connect, createServer, type Server, type Socket } from 'node:net'

export class TcpProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #target: number
  #whole = true

  private constructor(target: number) {
    this.#target = target
    this.#server = createServer((client) => this.#join(client))
  }

  /** @param target the port of the server */
  static async open(target: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(target)
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port
  }

  cut(): void {
    this.#whole = false
    for (const socket of this.#sockets) socket.destroy()
  }

  mend(): void {
    this.#whole = true
  }

  close(): void {
    this.cut()
    this.#server.close()
  }

  #join(client: Socket): void {
    this.#sockets.add(client)
    client.on('error', () => undefined).on('close', () => this.#sockets.delete(client))
    if (!this.#whole) return void client.destroy()
    const server = connect(this.#target, '127.0.0.1')
    this.#sockets.add(server)
    server.on('error', () => client.destroy()).on('close', () => this.#sockets.delete(server))
    client.on('close', () => server.destroy())
    server.on('close', () => client.destroy())
    client.pipe(server).pipe(client)
  }
}
