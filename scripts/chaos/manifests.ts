// The manifests of a chaos run: what an author may change goes in, files come out. Two tenants with the same addresses,
// and a third network whose MAC addresses all carry the generation, so that two generations on the switch show.
import { manifest, networkWithSubnet } from '../../test/support/scene.js'
import type { VmOptions } from '../../test/support/vm.js'

/** What changes from commit to commit. */
export interface Wishes {
  /** 0 to 255. */
  readonly generation: number
  /** Which of the spare ports are there, by number. */
  readonly spares: readonly number[]
  /** Which of the extra networks are there, by number. */
  readonly extras: readonly number[]
}

export const FIRST_WISHES: Wishes = { generation: 0, spares: [0, 1, 2], extras: [0, 1] }
export const SPARES = 6
/** With the spare ports no more objects than the guard lets go at once. */
export const EXTRAS = 2

/** Ports of the third network; more than the guard lets go. */
export const MARKED_PORTS = 24
const MARKED_SUBNETS = 12
const MARKED_SEGMENTATION_ID = 300

interface Guest extends VmOptions {
  readonly ip: string
  readonly gateway: string
  readonly network: string
}

const guest = (name: string, network: string, mac: number, ip: string): Guest => ({
  ...{ name, network, ip: `${ip}/24`, gateway: ip.replace(/\d+$/, '1') },
  ...{ interface: `tap-${name}`, mac: `fa:16:3e:00:00:0${mac}` },
})

export const GUESTS = {
  a1: guest('a1', 'blue1', 1, '10.1.0.3'),
  a2: guest('a2', 'blue1', 2, '10.1.0.4'),
  a3: guest('a3', 'blue2', 3, '10.2.0.3'),
  b1: guest('b1', 'red1', 4, '10.1.0.3'),
  b2: guest('b2', 'red2', 5, '10.2.0.3'),
} as const

/** No manifest claims it. */
export const STRANGER: VmOptions = {
  name: 'x',
  interface: 'tap-x',
  mac: 'fa:16:3e:00:00:0f',
  ip: '10.1.0.9/24',
}

/** MAC addresses of the legs of a tenant's router. */
export const LEGS: Readonly<Record<string, string>> = {
  blue1: 'fa:16:3e:01:00:01',
  blue2: 'fa:16:3e:01:00:02',
  red1: 'fa:16:3e:01:00:03',
  red2: 'fa:16:3e:01:00:04',
}

/** Interfaces that the manifests want besides those of the guests: patch ports without a peer, as they need no device. */
export const PATCHES: readonly string[] = [
  ...Array.from({ length: MARKED_PORTS }, (_, i) => `mark-${i}`),
  ...Array.from({ length: SPARES }, (_, i) => `spare-${i}`),
]

/** Files by name. */
export function filesOf(wishes: Wishes): ReadonlyMap<string, string> {
  const files: readonly (readonly [string, readonly string[]])[] = [
    ['tenants.yaml', [...tenant('blue', 100), ...tenant('red', 200)]],
    ['guests.yaml', Object.values(GUESTS).map(guestPort)],
    ['marked/network.yaml', markedNetwork(wishes.generation)],
    ['marked/ports.yaml', Array.from({ length: MARKED_PORTS }, (_, i) => markedPort(i, wishes.generation))],
    ...wishes.spares.map((i) => [`spares/${i}.yaml`, [sparePort(i)]] as const),
    ...wishes.extras.map(
      (i) => [`extras/${i}.yaml`, networkWithSubnet(`extra${i}`, 400 + i, `10.9.${i}.0/24`)] as const,
    ),
  ]
  return new Map(files.map(([name, documents]) => [name, `${documents.join('\n---\n')}\n`]))
}

function tenant(name: string, segmentationId: number): readonly string[] {
  const interfaces = [1, 2].map((i) => ({ subnet: `${name}${i}-v4`, macAddress: LEGS[`${name}${i}`] }))
  return [
    ...networkWithSubnet(`${name}1`, segmentationId, '10.1.0.0/24'),
    ...networkWithSubnet(`${name}2`, segmentationId + 1, '10.2.0.0/24'),
    manifest('Router', name, { interfaces }),
  ]
}

function guestPort({ name, network, mac, ip, interface: tap }: Guest): string {
  const fixedIps = [{ subnet: `${network}-v4`, ipAddress: ip.split('/')[0] }]
  return manifest('Port', name, { network, macAddress: mac, fixedIps, interface: tap })
}

/** Subnets of one network on one router: each ordered pair of them has a flow with a MAC address in it. */
function markedNetwork(generation: number): readonly string[] {
  const subnets = Array.from({ length: MARKED_SUBNETS }, (_, i) => `marked-${i}`)
  const interfaces = subnets.map((subnet, i) => ({ subnet, macAddress: markedMac(generation, 0x100 + i) }))
  return [
    manifest('Network', 'marked', { segmentationId: MARKED_SEGMENTATION_ID }),
    ...subnets.map((name, i) => manifest('Subnet', name, { network: 'marked', cidr: markedSubnet(i).cidr })),
    manifest('Router', 'marked', { interfaces }),
  ]
}

/** A subnet of the third network, by number from 0 on, and then again from the first. */
export function markedSubnet(number: number): { readonly metadata: number; readonly cidr: string } {
  return { metadata: MARKED_SEGMENTATION_ID, cidr: `10.3.${number % MARKED_SUBNETS}.0/24` }
}

function markedPort(i: number, generation: number): string {
  return manifest('Port', `mark-${i}`, {
    ...{ network: 'marked', macAddress: markedMac(generation, i), interface: `mark-${i}` },
    fixedIps: [{ subnet: `marked-${i % MARKED_SUBNETS}`, ipAddress: `10.3.${i % MARKED_SUBNETS}.${i + 10}` }],
  })
}

function sparePort(i: number): string {
  const macAddress = `fa:16:3e:02:00:${hex(i)}`
  return manifest('Port', `spare-${i}`, { network: 'red1', macAddress, interface: `spare-${i}` })
}

/** The mark that check.py looks for. */
export function markedMac(generation: number, number: number): string {
  return `02:67:${hex(generation)}:00:${hex(number >> 8)}:${hex(number & 0xff)}`
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0')
}
