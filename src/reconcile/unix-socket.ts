// A server on a unix socket: a path in, whether it listens there out. Where a process died, its socket is in the way; where
// one lives, it is left alone.
import { once } from 'node:events'
import { lstat, unlink } from 'node:fs/promises'
import { connect, type Server } from 'node:net'

/** Owner and group may connect. */
const UMASK = 0o117

/**
 * Listens at the path, also where a process that has died left its socket.
 * @returns false where a living one listens
 * @throws Error of the system; also where a file is in the way that is no socket
 */
export async function listenOnUnix(server: Server, path: string): Promise<boolean> {
  try {
    await bind(server, path)
    return true
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE') throw error
  }
  if (await isAlive(path)) return false
  if (!(await lstat(path)).isSocket()) throw new Error('there is a file that is no socket')
  await unlink(path)
  await bind(server, path)
  return true
}

async function bind(server: Server, path: string): Promise<void> {
  const before = process.umask(UMASK) // bind(2) is done before listen() returns, so nobody else sees this mask
  try {
    server.listen(path)
  } finally {
    process.umask(before)
  }
  await once(server, 'listening')
}

/** Does somebody listen? Who is too busy to accept does, too. */
function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    const settle = (alive: boolean): void => {
      socket.destroy()
      resolve(alive)
    }
    socket.once('connect', () => settle(true))
    socket.once('error', (error) => settle(!['ECONNREFUSED', 'ENOENT', 'ENOTSOCK'].includes(codeOf(error))))
  })
}

/** Of an error of the system, such as EADDRINUSE; '' for any other. */
export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
}
