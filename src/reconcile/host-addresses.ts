// The addresses of the host that this program runs on, with the MTU of each device, as the kernel tells them now.
import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import type { HostAddress } from '../status/tunnel-address.js'

export function hostAddresses(): readonly HostAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([device, addresses = []]) => {
    const mtu = mtuOf(device)
    return addresses.map(({ address }) => ({ device, address, mtu }))
  })
}

/** Without a word in Node's API; sysfs may be absent, or of another network namespace. */
function mtuOf(device: string): number | undefined {
  try {
    return Number(readFileSync(`/sys/class/net/${device}/mtu`, 'utf8')) || undefined
  } catch {
    return undefined
  }
}
