// Does an address fit its subnet?
import { ReconcileError, type SourcePosition } from '../errors/error.js'
import { broadcastOf, type Cidr, contains, renderCidr } from '../values/cidr.js'
import { type Ipv4, renderIpv4 } from '../values/ipv4.js'
import type { Located } from './draft.js'

/** Can a host of the subnet have the address? */
export function fits(address: Ipv4, cidr: Cidr): boolean {
  return misfitOf(address, cidr, '') === undefined
}

interface Misfit {
  /** Continues a message: `but subnet "a" is 10.1.0.0/24`. */
  readonly reason: string
  readonly remedy: string
}

/** Why a host cannot have the address in the subnet; undefined when it can. */
function misfitOf(address: Ipv4, cidr: Cidr, subnet: string): Misfit | undefined {
  const remedy = `Use another address of ${renderCidr(cidr)}.`
  if (!contains(cidr, address)) {
    return {
      reason: `but ${subnet} is ${renderCidr(cidr)}`,
      remedy: `Use an address of ${renderCidr(cidr)}.`,
    }
  }
  // RFC 3021: a prefix of 31 or 32 bits has neither.
  if (cidr.prefixLength < 31 && address === cidr.network)
    return { reason: `the network address of ${subnet}`, remedy }
  if (address === broadcastOf(cidr)) return { reason: `the broadcast address of ${subnet}`, remedy }
  return undefined
}

/**
 * The problem with an address that no host of the subnet can have.
 * @param owner begins the message: `port "vm1"`
 * @param subnet how the message calls the subnet
 * @param elsewhere a name of the subnet that does have the address
 */
export function misfitProblem(
  owner: string,
  address: Located<Ipv4>,
  cidr: Located<Cidr>,
  subnet: string,
  elsewhere?: string,
): ReconcileError | undefined {
  const misfit = misfitOf(address.value, cidr.value, subnet)
  if (!misfit) return undefined
  const message = `${owner} has address ${renderIpv4(address.value)}, ${misfit.reason}.`
  const remedy =
    elsewhere === undefined
      ? misfit.remedy
      : `${misfit.remedy.slice(0, -1)}, or name subnet "${elsewhere}", which has ${renderIpv4(address.value)}.`
  const at: SourcePosition = address.at
  const related = [{ label: 'the subnet', at: cidr.at }]
  return new ReconcileError('IP_OUTSIDE_SUBNET', message, { at, related, remedy })
}
