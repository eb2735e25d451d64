// What nobody can know without a connection to the switch, or while another one works on it.
import type { Finding } from './condition.js'
import type { Knowledge } from './knowledge.js'

/** Undefined where this daemon is connected and at work. */
export function absentFinding({
  connection,
}: Pick<Knowledge, 'connection'>): Omit<Finding, 'type'> | undefined {
  if (connection === 'standing-by')
    return {
      status: 'Unknown',
      reason: 'StandingBy',
      message: 'another daemon works on the bridge, and knows',
    }
  if (connection === 'disconnected')
    return { status: 'Unknown', reason: 'Disconnected', message: 'there is no connection to the switch' }
  return undefined
}
