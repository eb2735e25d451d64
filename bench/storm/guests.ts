// Who is there in the storm: guests that send to ever new addresses behind their router, and a quiet pair between the same
// two networks, each a namespace with a port on br-int.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Lab } from '../../test/support/lab.js'
import { startInside } from '../../test/support/namespace.js'
import { ipv4Frame } from '../../test/support/packets.js'
import { stop } from '../../test/support/processes.js'
import { GATEWAY1_MAC, GATEWAY2_MAC, manifest, networkWithSubnet, portOf } from '../../test/support/scene.js'
import type { Vm, VmOptions } from '../../test/support/vm.js'

export const ATTACKERS = 50
/** Packets a second of each. */
export const ATTACK_RATE = 2_000
export const FIRST_ATTACKER_PORT = 101

export const QUIET = guest('quiet', 1, '10.1.0.3')
/** Answers for all addresses of PEER_PREFIX besides its own. */
export const PEER = guest('peer', 2, '10.2.0.3')
const PEER_PREFIX = '10.2.128.0/22'
const ATTACKING = Array.from({ length: ATTACKERS }, (_, i) => guest(`storm${i}`, 1, `10.1.1.${i + 1}`))

export interface Guests {
  readonly quiet: Vm
  readonly peer: Vm
  readonly attackers: readonly Vm[]
}

export function stormManifests(): readonly string[] {
  const interfaces = [
    { subnet: 'net1-v4', macAddress: GATEWAY1_MAC },
    { subnet: 'net2-v4', macAddress: GATEWAY2_MAC },
  ]
  const { mac: macAddress, interface: tap, name } = PEER
  const fixedIps = [{ subnet: 'net2-v4', ipAddress: '10.2.0.3' }]
  const allowedAddressPairs = [{ ipAddress: PEER_PREFIX }]
  return [
    ...networkWithSubnet('net1', 8002, '10.1.0.0/16'),
    ...networkWithSubnet('net2', 8003, '10.2.0.0/16'),
    manifest('Router', 'r1', { interfaces }),
    manifest('Port', name, { network: 'net2', macAddress, interface: tap, fixedIps, allowedAddressPairs }),
    ...[QUIET, ...ATTACKING].map((options) => portOf(options, 'net1')),
  ]
}

/** The nth address of the peer beside its own. */
export function peerAddress(n: number): string {
  return `10.2.${128 + (n >> 8)}.${n & 0xff}`
}

export async function bootGuests(lab: Lab): Promise<Guests> {
  const [quiet, peer] = [await bootGuest(lab, QUIET, 11), await bootGuest(lab, PEER, 12)]
  await peer.exec('ip', 'route', 'add', 'local', PEER_PREFIX, 'dev', 'lo')
  const attackers: Vm[] = []
  for (const [i, options] of ATTACKING.entries())
    attackers.push(await bootGuest(lab, options, FIRST_ATTACKER_PORT + i))
  return { quiet, peer, attackers }
}

async function bootGuest(lab: Lab, options: VmOptions, ofport: number): Promise<Vm> {
  const vm = await lab.addVm(options)
  await vm.plug({ ofport })
  return vm
}

// The identification takes back what the address adds, so the checksum stays true (RFC 1071, section 2).
const SEND_TO_EVER_NEW_ADDRESSES = `
import socket, sys, time
rate, host, frame = int(sys.argv[1]), int(sys.argv[2]), bytearray.fromhex(sys.argv[3])
link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
link.bind(('eth0', 0))
print('ready', flush=True)
sys.stdin.readline()
due = time.monotonic()
while True:
    for _ in range(rate // 100):
        host = host + 1 & 0xffff
        frame[32:34] = host.to_bytes(2, 'big')
        frame[18:20] = (host ^ 0xffff).to_bytes(2, 'big')
        link.send(frame)
    due = max(due + 0.01, time.monotonic() - 0.1)
    time.sleep(max(0, due - time.monotonic()))
`

/** Addresses between the first ones of two attackers. */
const APART = Math.floor(0x10000 / ATTACKERS)

/**
 * All attackers send until the returned function is called, and begin together: the start of fifty programs takes the machine
 * some seconds, and would be measured with them. Each begins elsewhere in the other network.
 */
export async function startAttack(attackers: readonly Vm[]): Promise<() => Promise<unknown>> {
  const children = attackers.map((vm, i): ChildProcess => {
    const { mac: ethSrc, ip } = ATTACKING[i] ?? PEER
    const frame = ipv4Frame({ ethSrc, ipSrc: ip.split('/')[0] ?? '', ipDst: '10.2.0.0', protocol: 17 })
    const args = [String(ATTACK_RATE), String(i * APART), frame.toString('hex')]
    return startInside(vm.netns, 'python3', ['-c', SEND_TO_EVER_NEW_ADDRESSES, ...args])
  })
  await Promise.all(children.flatMap(({ stdout }) => (stdout ? [once(stdout, 'data')] : [])))
  for (const { stdin } of children) stdin?.write('go\n')
  return () => Promise.all(children.map((child) => stop(child, 'SIGKILL')))
}

function guest(name: string, network: 1 | 2, address: string) {
  const [third = '', fourth = ''] = address.split('.').slice(2)
  const bytes = [network, Number(third), Number(fourth)].map((byte) => byte.toString(16).padStart(2, '0'))
  return {
    ...{ name, interface: `tap-${name}`, mac: `fa:16:3e:${bytes.join(':')}` },
    ...{ ip: `${address}/16`, gateway: `10.${network}.0.1` },
  } as const satisfies VmOptions
}
