// Ethernet: bytes of a frame without its checksum go in, addresses, type and payload come out (IEEE 802.3, section 3;
// the tags are those of IEEE 802.1Q, section 9), and the other way round.
import { hexFromMac, type Mac, macFromNumber } from '../values/mac.js'
import { type Malformed, malformed } from './malformed.js'

export const ETHER_TYPE = {
  ipv4: 0x0800,
  arp: 0x0806,
  vlan: 0x8100,
  ipv6: 0x86dd,
  serviceVlan: 0x88a8,
} as const

export interface VlanTag {
  /** ETHER_TYPE.vlan or ETHER_TYPE.serviceVlan */
  readonly etherType: number
  /** 0..4095; 0 is a tag that carries a priority alone */
  readonly vlanId: number
}

export interface EthernetFrame {
  readonly kind: 'ethernet'
  readonly dst: Mac
  readonly src: Mac
  /** The outermost tag. */
  readonly tag?: VlanTag
  /** The tag behind it, of a provider bridge ("QinQ"); a third one is payload. */
  readonly innerTag?: VlanTag
  /** Type of the payload; below 0x0600 it is the length of an 802.2 frame. */
  readonly etherType: number
  /** A view of the input, with whatever pads the frame to its least length of 60 bytes. */
  readonly payload: Buffer
}

const MAC_BYTES = 6
const HEADER_BYTES = 14
const TAG_BYTES = 4

export function parseEthernet(bytes: Buffer): EthernetFrame | Malformed {
  if (bytes.length < HEADER_BYTES) {
    return malformed('ethernet-header', `an Ethernet frame of ${bytes.length} bytes`)
  }
  const addresses = { dst: macAt(bytes, 0), src: macAt(bytes, MAC_BYTES) }
  const etherType = bytes.readUInt16BE(2 * MAC_BYTES)
  if (!isTag(etherType)) {
    return { kind: 'ethernet', ...addresses, etherType, payload: bytes.subarray(HEADER_BYTES) }
  }
  if (bytes.length < HEADER_BYTES + TAG_BYTES) return cutTag(bytes)
  const tag = tagAt(bytes, HEADER_BYTES - 2)
  const tagged = { kind: 'ethernet', ...addresses, tag } as const
  const second = bytes.readUInt16BE(HEADER_BYTES + 2)
  if (!isTag(second)) {
    return { ...tagged, etherType: second, payload: bytes.subarray(HEADER_BYTES + TAG_BYTES) }
  }
  if (bytes.length < HEADER_BYTES + 2 * TAG_BYTES) return cutTag(bytes)
  return {
    ...tagged,
    innerTag: tagAt(bytes, HEADER_BYTES + 2),
    etherType: bytes.readUInt16BE(HEADER_BYTES + TAG_BYTES + 2),
    payload: bytes.subarray(HEADER_BYTES + 2 * TAG_BYTES),
  }
}

/** The header of an untagged frame. */
export function ethernetHeader(dst: Mac, src: Mac, etherType: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  header.write(hexFromMac(dst) + hexFromMac(src), 'hex')
  header.writeUInt16BE(etherType, 2 * MAC_BYTES)
  return header
}

function isTag(etherType: number): boolean {
  return etherType === ETHER_TYPE.vlan || etherType === ETHER_TYPE.serviceVlan
}

function tagAt(bytes: Buffer, at: number): VlanTag {
  return { etherType: bytes.readUInt16BE(at), vlanId: bytes.readUInt16BE(at + 2) & 0x0fff }
}

function cutTag(bytes: Buffer): Malformed {
  return malformed('vlan-tag', `a tagged frame of ${bytes.length} bytes`)
}

function macAt(bytes: Buffer, at: number): Mac {
  return macFromNumber(bytes.readUIntBE(at, MAC_BYTES))
}
