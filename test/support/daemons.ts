// The two daemons of a private Open vSwitch, as children in the foreground, inside the lab's switch namespace.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { startInside } from './namespace.js'
import { runOrThrow, type Environment } from './processes.js'
import { waitFor } from './wait.js'

/** Where a private switch lives. */
export interface SwitchPlace {
  readonly netns: string
  readonly runDir: string
  readonly env: Environment
}

/** Makes an empty database and serves it; resolves when its socket is there. */
export async function startDatabase(place: SwitchPlace): Promise<ChildProcess> {
  const database = join(place.runDir, 'conf.db')
  const socket = join(place.runDir, 'db.sock')
  const packageData = process.env.OVS_PKGDATADIR ?? '/usr/share/openvswitch'
  await runOrThrow('ovsdb-tool', ['create', database, join(packageData, 'vswitch.ovsschema')])
  const remotes = [`--remote=punix:${socket}`, '--remote=db:Open_vSwitch,Open_vSwitch,manager_options']
  const child = startDaemon(place, 'ovsdb-server', [database, ...remotes])
  await untilReady(child, 'ovsdb-server', () => answers(socket))
  return child
}

/** Starts the switch; resolves when it answers and every bridge of the database has its OpenFlow socket. */
export async function startSwitchDaemon(place: SwitchPlace): Promise<ChildProcess> {
  // --disable-system: the lab never needs the kernel module, and never touches the machine's own datapath.
  const child = startDaemon(place, 'ovs-vswitchd', [
    `unix:${join(place.runDir, 'db.sock')}`,
    '--disable-system',
  ])
  await untilReady(child, 'ovs-vswitchd', async () => {
    await runOrThrow('ovs-appctl', ['-t', 'ovs-vswitchd', 'version'], place)
    const bridges = (await runOrThrow('ovs-vsctl', ['--timeout=5', 'list-br'], place))
      .split('\n')
      .filter(Boolean)
    const there = await Promise.all(bridges.map((bridge) => answers(join(place.runDir, `${bridge}.mgmt`))))
    return there.every(Boolean)
  })
  return child
}

function startDaemon(place: SwitchPlace, name: string, args: readonly string[]): ChildProcess {
  const common = ['--pidfile', `--log-file=${join(place.runDir, `${name}.log`)}`, '-vconsole:off']
  const child = startInside(place.netns, name, [...args, ...common], place)
  child.stdout?.resume()
  child.stderr?.resume()
  return child
}

async function untilReady(
  child: ChildProcess,
  name: string,
  ready: () => boolean | Promise<boolean>,
): Promise<void> {
  await waitFor(async () => child.exitCode !== null || (await ready()), { what: name, everyMs: 20 })
  if (child.exitCode !== null) throw new Error(`${name} ended at once with ${child.exitCode}`)
}

/** Does somebody listen on this socket? A file alone may be what a crashed process left. */
async function answers(path: string): Promise<boolean> {
  const socket = connect(path)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
