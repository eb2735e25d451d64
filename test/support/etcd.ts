// A private etcd of one or three members on loopback ports of its own, with its data in a folder of its own. No other
// etcd of the machine is touched, and nothing is left behind.
import type { ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Etcd3, type IOptions } from 'etcd3'
import { collect, exited, start } from './processes.js'
import { waitFor } from './wait.js'

export interface EtcdOptions {
  /** 1 unless given. */
  readonly members?: 1 | 3
  /** The members' certificate, for clients over TLS; with `caFile` they must have one of that authority too. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string; readonly caFile?: string }
}

/** Starts all members and waits until they serve. */
export async function startEtcd(options: EtcdOptions = {}): Promise<EtcdCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'ovsr-etcd-'))
  const count = options.members ?? 1
  const ports = await freePorts(2 * count)
  const members = Array.from(
    { length: count },
    (_, index) => new EtcdMember(folder, index, ports.slice(0, count), ports.slice(count), options.tls),
  )
  const cluster = new EtcdCluster(folder, members)
  try {
    for (const member of members) member.start()
    // Over TLS the port tells no more than that somebody listens; whoever needs more looks by themselves.
    if (!options.tls) await cluster.serving()
    return cluster
  } catch (error) {
    await cluster.stop()
    throw error
  }
}

export class EtcdCluster {
  #clients: Etcd3[] = []

  constructor(
    readonly folder: string,
    readonly members: readonly EtcdMember[],
  ) {}

  get urls(): readonly string[] {
    return this.members.map(({ url }) => url)
  }

  /** A client of the tests' own; closed by `stop`. */
  client(options: Partial<IOptions> = {}): Etcd3 {
    const etcd = new Etcd3({ hosts: [...this.urls], ...options })
    this.#clients.push(etcd)
    return etcd
  }

  /** Waits until a write succeeds. */
  async serving(): Promise<void> {
    await waitFor(
      async () => {
        const etcd = new Etcd3({ hosts: [...this.urls] })
        try {
          return Boolean(
            await etcd
              .put('serving')
              .value('yes')
              .options({ deadline: Date.now() + 1000 }),
          )
        } finally {
          etcd.close()
        }
      },
      { what: 'etcd', timeoutMs: 30_000 },
    )
  }

  /** The member that leads, as the members see it now. */
  async leader(): Promise<EtcdMember> {
    return waitFor(async () => {
      for (const member of this.members) {
        if (!member.running) continue
        const etcd = new Etcd3({ hosts: member.url })
        try {
          const { leader, header } = await etcd.maintenance.status({ deadline: Date.now() + 1000 })
          if (leader !== '0' && leader === header.member_id) return member
        } finally {
          etcd.close()
        }
      }
      return undefined
    })
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.close()
    await Promise.all(this.members.map((member) => member.kill()))
    await rm(this.folder, { recursive: true, force: true })
  }
}

export class EtcdMember {
  readonly url: string
  readonly #args: readonly string[]
  #child: ChildProcess | undefined
  #said: () => string = () => ''

  constructor(
    folder: string,
    index: number,
    clientPorts: readonly number[],
    peerPorts: readonly number[],
    tls: EtcdOptions['tls'],
  ) {
    const peer = (at: number): string => `http://127.0.0.1:${peerPorts[at] ?? 0}`
    this.url = `${tls ? 'https' : 'http'}://127.0.0.1:${clientPorts[index] ?? 0}`
    this.#args = [
      `--name=m${index}`,
      `--data-dir=${join(folder, `m${index}`)}`,
      `--listen-client-urls=${this.url}`,
      `--advertise-client-urls=${this.url}`,
      `--listen-peer-urls=${peer(index)}`,
      `--initial-advertise-peer-urls=${peer(index)}`,
      `--initial-cluster=${peerPorts.map((_, at) => `m${at}=${peer(at)}`).join(',')}`,
      '--log-level=error',
      ...(tls ? [`--cert-file=${tls.certFile}`, `--key-file=${tls.keyFile}`] : []),
      ...(tls?.caFile === undefined ? [] : [`--trusted-ca-file=${tls.caFile}`, '--client-cert-auth']),
    ]
  }

  get running(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null
  }

  /** What the member has complained about. */
  get said(): string {
    return this.#said()
  }

  start(): void {
    this.#child = start('etcd', this.#args)
    this.#child.stdout?.resume()
    this.#said = collect(this.#child.stderr)
  }

  /** Ends it at once, as a crash does; its data stay. */
  async kill(): Promise<void> {
    if (!this.#child) return
    this.#child.kill('SIGKILL')
    await exited(this.#child)
  }

  /** Lets it sleep: its connections stay, nothing answers. */
  freeze(): void {
    this.#child?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child?.kill('SIGCONT')
  }
}

/** Ports that nobody has now; all are held until the last is found, so no two are the same. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return server
    }),
  )
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
