// An advisory lock on the database server (RFC 7047, sections 4.1.8 to 4.1.10): a name in, whether we hold it out, now and
// whenever that changes. The server keeps a queue of who asked, and lets go of a lock whose connection has ended.
import type { OvsdbClient } from './client.js'
import { malformed } from './failures.js'
import { isRecord } from './json-rpc.js'

export class OvsdbLock {
  #held = false

  private constructor() {
    // `request` makes one
  }

  /** False as well while somebody has stolen it, who may give it back. After the end of the connection nobody knows. */
  get held(): boolean {
    return this.#held
  }

  /**
   * Queues for the lock; one request a name and connection.
   * @param name as `lockName` makes it
   * @param onChange called when the server says later that the lock is ours, or that it was stolen
   * @throws ReconcileError OVSDB_UNREACHABLE, OVSDB_ERROR, OVSDB_MALFORMED
   */
  static async request(client: OvsdbClient, name: string, onChange: () => void): Promise<OvsdbLock> {
    const lock = new OvsdbLock()
    // What the server says may stand behind the reply in one read, before anybody who awaits the reply runs.
    let told: boolean | undefined
    client.onNotification(({ method, params: [id] }) => {
      if ((method !== 'locked' && method !== 'stolen') || id !== name) return
      told = method === 'locked'
      lock.#held = told
      onChange()
    })
    const reply = await client.request('lock', [name])
    if (!isRecord(reply) || typeof reply.locked !== 'boolean') throw malformed('the reply to a lock request')
    lock.#held = told ?? reply.locked
    return lock
  }
}

/**
 * The name of the lock of whoever writes the flows of a bridge: `reconcile_br_2dint` for br-int. A name is an <id> (RFC
 * 7047, section 3.1), so that each byte which may not stand in one is written in hexadecimal behind an underscore.
 */
export function lockName(bridge: string): string {
  const bytes = [...Buffer.from(bridge)].map((byte) => {
    const char = String.fromCharCode(byte)
    return /[a-zA-Z0-9]/.test(char) ? char : `_${byte.toString(16).padStart(2, '0')}`
  })
  return `reconcile_${bytes.join('')}`
}
