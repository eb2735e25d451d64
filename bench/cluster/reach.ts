// From the plugging of a guest's interface until the guests of all nodes hear from it: pings run all the time, and what
// counts is the first answer to each.
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { plugGuest, type Guest } from '../../test/support/cluster-scene.js'
import { insideArgs } from '../../test/support/namespace.js'
import { exited, start } from '../../test/support/processes.js'
import { GATEWAY1_MAC, GATEWAY2_MAC } from '../../test/support/scene.js'
import { waitFor } from '../../test/support/wait.js'
import { printFigure, printHeading } from '../figures.js'
import { ROUNDS, type Scene } from './scene.js'

/** Between two pings of a guest. */
const INTERVAL_S = 0.005
const UNPLUGGED_MS = 1_000

export async function benchReach({ guests, hasEtcd }: Scene): Promise<void> {
  const [target, ...others] = guests as [Guest, ...Guest[]]
  for (const other of others) {
    await knowTheWay(other, target)
    await knowTheWay(target, other)
  }
  const pings = others.map((from) => new Pings(from, target.ip))
  const [near, far]: [number[], number[]] = [[], []]
  for (let i = 0; i < ROUNDS; i++) {
    await target.vm.unplug()
    await sleep(UNPLUGGED_MS)
    const begun = Date.now()
    await plugGuest(target)
    const heard = await firstAnswers(pings, begun)
    const isNear = (j: number): boolean => others[j]?.network === target.network
    near.push(Math.max(...heard.filter((_, j) => isNear(j))) - begun)
    far.push(Math.max(...heard.filter((_, j) => !isNear(j))) - begun)
  }
  await Promise.all(pings.map((each) => each.stop()))
  printHeading(`from the call of ovs-vsctl, ${hasEtcd ? 'etcd says where' : 'the manifest says where'}`)
  printFigure({ name: 'all guests of its network hear from it', samples: near })
  printFigure({ name: 'all guests behind the router hear from it', samples: far })
}

/** Without ARP, which asks only once a second for who is not there. */
async function knowTheWay({ vm, network }: Guest, to: Guest): Promise<void> {
  const isNear = network === to.network
  const gateway = network === 'net1' ? ['10.1.0.1', GATEWAY1_MAC] : ['10.2.0.1', GATEWAY2_MAC]
  const [ip = '', mac = ''] = isNear ? [to.ip, to.mac] : gateway
  await vm.exec('ip', 'neigh', 'replace', ip, 'lladdr', mac, 'dev', 'eth0', 'nud', 'permanent')
}

/** When each had its first answer since then, in milliseconds since 1970. */
async function firstAnswers(pings: readonly Pings[], since: number): Promise<readonly number[]> {
  const look = (): readonly number[] | undefined => {
    const first = pings.flatMap((each) => each.firstSince(since) ?? [])
    return first.length === pings.length ? first : undefined
  }
  return waitFor(look, { what: 'answers to all', timeoutMs: 30_000 })
}

/** A guest's pings to an address, until they are stopped. */
class Pings {
  readonly #child: ChildProcess
  readonly #answers: number[] = []

  constructor(from: Guest, address: string) {
    const args = ['-n', '-D', '-i', String(INTERVAL_S), address]
    this.#child = start('ip', insideArgs(from.vm.netns, 'ping', args))
    this.#child.stderr?.resume()
    if (!this.#child.stdout) throw new Error('ping has no output')
    createInterface(this.#child.stdout).on('line', (line) => {
      const [, seconds] = /^\[([\d.]+)\] \d+ bytes from/.exec(line) ?? []
      if (seconds !== undefined) this.#answers.push(Number(seconds) * 1000)
    })
  }

  firstSince(time: number): number | undefined {
    return this.#answers.find((answer) => answer >= time)
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGINT')
    await exited(this.#child)
  }
}
