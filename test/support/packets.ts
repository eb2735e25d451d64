// Frames for tests, built by the text of the RFCs and not by the code under test: fields go in, bytes come out.

export interface Ipv4FrameOptions {
  /** Six colon-separated octets. */
  readonly ethSrc?: string
  readonly ethDst?: string
  /** Dotted decimal. */
  readonly ipSrc?: string
  readonly ipDst?: string
  readonly ttl?: number
  readonly protocol?: number
  /** Flags and fragment offset as they stand in the header. */
  readonly fragment?: number
  /** IPv4 options; a multiple of 4 bytes. */
  readonly options?: Uint8Array
  readonly payload?: Uint8Array
}

/** An Ethernet frame around any payload, tagged when a VLAN is given. */
export function ethernetFrame(
  etherType: number,
  payload: Uint8Array,
  {
    ethSrc = 'fa:16:3e:00:17:e6',
    ethDst = 'fa:16:3e:c0:8d:8b',
    vlanId = undefined as number | undefined,
  } = {},
): Buffer {
  const mac = (text: string): number[] => text.split(':').map((octet) => Number.parseInt(octet, 16))
  const tag = vlanId === undefined ? [] : [0x81, 0x00, vlanId >> 8, vlanId & 0xff]
  return Buffer.from([...mac(ethDst), ...mac(ethSrc), ...tag, etherType >> 8, etherType & 0xff, ...payload])
}

/** An IPv4 packet in an Ethernet frame, with lengths and header checksum filled in (RFC 791, section 3.1). */
export function ipv4Frame(options: Ipv4FrameOptions = {}): Buffer {
  const { ethSrc = 'fa:16:3e:00:17:e6', ethDst = 'fa:16:3e:c0:8d:8b' } = options
  return ethernetFrame(0x0800, ipv4Packet(options), { ethSrc, ethDst })
}

export function ipv4Packet(options: Ipv4FrameOptions = {}): Buffer {
  const { ipSrc = '10.1.0.3', ipDst = '10.2.0.7', ttl = 64, protocol = 1, fragment = 0 } = options
  const { options: ipOptions = Buffer.alloc(0), payload = Buffer.alloc(0) } = options
  const header = Buffer.alloc(20 + ipOptions.length)
  header.writeUInt8(0x40 | (header.length / 4), 0)
  header.writeUInt16BE(header.length + payload.length, 2)
  header.writeUInt16BE(fragment, 6)
  header.set([ttl, protocol], 8)
  header.set(ipSrc.split('.').map(Number), 12)
  header.set(ipDst.split('.').map(Number), 16)
  header.set(ipOptions, 20)
  header.writeUInt16BE(ipv4Checksum(header), 10)
  return Buffer.concat([header, payload])
}

/** One's complement of the one's complement sum of all 16-bit words: addition modulo 65535. */
export function ipv4Checksum(header: Buffer): number {
  let sum = 0n
  for (let i = 0; i < header.length; i += 2) sum += BigInt(header.readUInt16BE(i))
  const folded = Number(sum % 0xffffn)
  return folded === 0 ? 0 : 0xffff - folded
}

/** A capture file with these frames, as tcpdump reads it: link type 1 is Ethernet. */
export function pcap(frames: readonly Buffer[]): Buffer {
  const words = (...values: readonly number[]): Buffer => {
    const bytes = Buffer.alloc(values.length * 4)
    values.forEach((value, i) => bytes.writeUInt32LE(value, i * 4))
    return bytes
  }
  const header = words(0xa1b2c3d4, 0x00040002, 0, 0, 0xffff, 1)
  return Buffer.concat([header, ...frames.flatMap((f) => [words(0, 0, f.length, f.length), f])])
}
