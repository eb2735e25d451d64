// Frames of the underlay for tests, built by the text of RFC 8926 and not by the code under test: a guest's frame goes in,
// what a node would send to another one comes out.
import { ipv4Frame } from './packets.js'

/** RFC 8926, section 3.3. */
const GENEVE_PORT = 6081

export interface GeneveOptions {
  /** The virtual network identifier: ours is the segmentation id. */
  readonly tunnelId: number
  /** Both ends in the underlay. */
  readonly from: { readonly tunnelIp: string; readonly tunnelMac: string }
  readonly to: { readonly tunnelIp: string; readonly tunnelMac: string }
}

/** A guest's frame in Geneve, UDP, IPv4 and Ethernet. */
export function geneveFrame(inner: Buffer, { tunnelId, from, to }: GeneveOptions): Buffer {
  const header = Buffer.alloc(8) // section 3.4: version 0, no options
  header.writeUInt16BE(0x6558, 2) // Transparent Ethernet Bridging
  header.writeUInt32BE(tunnelId * 256, 4)
  return ipv4Frame({
    ethSrc: from.tunnelMac,
    ethDst: to.tunnelMac,
    ipSrc: from.tunnelIp,
    ipDst: to.tunnelIp,
    protocol: 17,
    payload: udpDatagram(Buffer.concat([header, inner])),
  })
}

/** RFC 768; no checksum, as tunnels over IPv4 may do (RFC 8926, section 3.3). */
function udpDatagram(payload: Buffer): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt16BE(49_152, 0)
  header.writeUInt16BE(GENEVE_PORT, 2)
  header.writeUInt16BE(header.length + payload.length, 4)
  return Buffer.concat([header, payload])
}
