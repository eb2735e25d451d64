// What can go wrong on an OpenFlow connection, as errors for people.
import { ReconcileError } from '../errors/error.js'
import { systemReason } from '../errors/system-reason.js'
import { renderErrorName } from './messages/error-names.js'
import type { KnownMessage, MessageOf } from './messages/messages.js'
import { renderVersion, type Version } from './version.js'

/** What the switch answered instead of doing what was asked. */
export class OpenFlowError extends ReconcileError {
  readonly errorName: string

  constructor(error: MessageOf<'error'>) {
    const errorName = renderErrorName(error)
    super('OPENFLOW_REFUSED', `The switch refused a request with ${errorName}.`, {
      remedy: 'Check the log of ovs-vswitchd.',
    })
    this.errorName = errorName
  }
}

export function replyTooLong({ type }: KnownMessage, maxBytes: number): ReconcileError {
  return new ReconcileError('REPLY_TOO_LONG', `The reply to a ${type} exceeds ${maxBytes} bytes.`, {
    remedy: 'Use a narrower request, for example by table or cookie.',
  })
}

export function connectionLost(cause?: Error): ReconcileError {
  return new ReconcileError('CONNECTION_LOST', 'The switch closed the OpenFlow connection.', {
    remedy: 'Check that ovs-vswitchd is running.',
    cause,
  })
}

export function toReconcileError(error: Error): Error {
  if (error instanceof ReconcileError) return error
  if (!('syscall' in error)) return error
  if (error.syscall === 'read' || error.syscall === 'write') return connectionLost(error)
  const message = `Cannot reach the switch${placeOf(error)}: ${systemReason(error)}.`
  return new ReconcileError('SWITCH_UNREACHABLE', message, {
    remedy:
      'Check that ovs-vswitchd is running, that the bridge is there and has a datapath_type it knows, and --bridge, --node, --openflow or OVS_RUNDIR.',
    cause: error,
  })
}

/** Node.js says it of a connection that cannot be made: the path of a unix socket, or address and port. */
function placeOf(error: Error): string {
  if (!('address' in error)) return ''
  const address = String(error.address)
  return 'port' in error ? ` at ${address}, port ${String(error.port)}` : ` at unix:${address}`
}

export function versionMismatch(offered: readonly number[], ours: readonly Version[]): ReconcileError {
  const list = offered.map(renderVersion).join(', ')
  const wanted = ours.map(renderVersion)
  const either = [wanted.slice(0, -1).join(', '), ...wanted.slice(-1)]
    .filter((part) => part !== '')
    .join(' or ')
  const name = `OpenFlow${wanted[0]?.replace('.', '') ?? ''}`
  return new ReconcileError('VERSION_MISMATCH', `The bridge speaks OpenFlow ${list}, but not ${either}.`, {
    remedy: `Allow ${name} in the bridge: ovs-vsctl add bridge BRIDGE protocols ${name}.`,
  })
}
