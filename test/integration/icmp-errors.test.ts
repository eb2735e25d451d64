// What a router says to packets that it does not send on: real tools in the guests read the answers.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { RunningCli } from '../support/cli.js'
import type { Lab } from '../support/lab.js'
import { ipv4Frame } from '../support/packets.js'
import {
  countersOf,
  createTwoVmLab,
  GATEWAY1_MAC,
  portOf,
  startWatch,
  TWO_NETWORKS,
  VM1,
  VM2,
  writeManifests,
} from '../support/scene.js'
import { sendFrames } from '../support/traffic.js'
import type { Vm } from '../support/vm.js'
import { waitFor } from '../support/wait.js'

let lab: Lab
let vm1: Vm
let daemon: RunningCli

beforeAll(async () => {
  ;({ lab, vm1 } = await createTwoVmLab())
  const net = [...TWO_NETWORKS, portOf(VM1, 'net1'), portOf(VM2, 'net2')]
  daemon = await startWatch(lab, [await writeManifests(lab, 'net.yaml', net)])
})

afterAll(() => lab.destroy())

/** What ping prints, whatever its exit code. */
async function pingText(...args: readonly string[]): Promise<string> {
  return vm1.exec('sh', '-c', `ping -n -c1 -W2 ${args.join(' ')} || true`)
}

const UDP_PROBE = `
import socket, sys
probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
probe.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, int(sys.argv[3]))
probe.setsockopt(socket.IPPROTO_IP, 11, 1)  # IP_RECVERR
probe.settimeout(2)
probe.connect((sys.argv[1], int(sys.argv[2])))
probe.send(b'probe')
try: probe.recv(100)
except OSError as error: print(error.__class__.__name__)
try:
    _, ancillary, _, _ = probe.recvmsg(100, 1000, socket.MSG_ERRQUEUE)
    for _, _, data in ancillary: print('type', data[5], 'code', data[6], 'from', socket.inet_ntoa(data[20:24]))
except OSError: print('silent')
`

/** The ICMP error that a UDP datagram got, as the sender's kernel took it: \`type 11 code 0 from 10.1.0.1\`. */
async function probe(address: string, ttl = 64): Promise<string> {
  return vm1.exec('python3', '-c', UDP_PROBE, address, '33434', String(ttl))
}

const TCP_PROBE = `
import socket, sys
probe = socket.socket()
probe.settimeout(2)
try: probe.connect((sys.argv[1], 22))
except OSError as error: print(error.__class__.__name__)
`

describe('a router between two subnets', () => {
  test('is seen as the first hop, by pings and by traceroute with UDP', async () => {
    expect(await pingText('-t', '1', '10.2.0.3')).toMatch(/From 10\.1\.0\.1 .*Time to live exceeded/)
    expect(await probe('10.2.0.3', 1)).toContain('type 11 code 0 from 10.1.0.1')
    expect(await probe('10.2.0.99', 1)).toContain('type 11 code 0 from 10.1.0.1')
  })

  test('is seen as the first hop of an open connection too', async () => {
    expect(await vm1.ping('10.2.0.3', { count: 1 })).toMatchObject({ received: 1 })
    expect(await pingText('-t', '1', '10.2.0.3')).toMatch(/From 10\.1\.0\.1 .*Time to live exceeded/)
  })

  test('says of a host that nobody has that it cannot be reached', async () => {
    expect(await pingText('10.2.0.77')).toMatch(/From 10\.1\.0\.1 .*Destination Host Unreachable/)
  })

  test('says of an address outside its subnets that there is no way', async () => {
    expect(await pingText('192.0.2.1')).toMatch(/From 10\.1\.0\.1 .*Destination Net Unreachable/)
  })

  test.each(['10.1.0.1', '10.2.0.1'])(
    'says for its own address %s that ports are closed',
    async (address) => {
      expect(await probe(address)).toContain(`type 3 code 3 from ${address}`)
      expect(await vm1.exec('python3', '-c', TCP_PROBE, address)).toContain('ConnectionRefusedError')
    },
  )

  test('says nothing to broadcasts, later fragments and other errors', async () => {
    const capture = await vm1.capture('icmp[icmptype] != icmp-echo and ip src 10.1.0.1')
    const to = { ethSrc: VM1.mac, ethDst: GATEWAY1_MAC, ipDst: '10.2.0.88', protocol: 17 }
    const payload = Buffer.from('c000829a00080000', 'hex')
    await sendFrames(
      vm1,
      ipv4Frame({ ...to, ipDst: '10.2.0.255', payload }),
      ipv4Frame({ ...to, fragment: 1, payload }),
      ipv4Frame({ ...to, ipDst: '10.2.0.89', protocol: 1, payload: Buffer.from('0301000000000000', 'hex') }),
    )
    await sendFrames(vm1, ipv4Frame({ ...to, ipDst: '10.2.0.90', payload })) // is answered
    const frames = await waitFor(async () => {
      const all = await capture.stop()
      return all.length > 0 && all
    })
    expect(frames).toHaveLength(1)
  })

  test('counts what it said', async () => {
    const { answered, refused } = await countersOf(daemon)
    expect(answered).toMatchObject({
      ...{ 'time-exceeded': 4, 'host-unreachable': 2, 'net-unreachable': 1, 'port-unreachable': 2, reset: 2 },
    })
    expect(refused).toMatchObject({ 'ttl-expired': 4, 'no-route': 1, 'router-address': 4 })
  })
})
