// The Internet checksum (RFC 1071), which IPv4, ICMP, UDP and TCP share.

/**
 * The 16-bit checksum of some bytes. Over a header that holds its own checksum it is 0 when the header is whole; over
 * one whose checksum field is zero it is what belongs in the field.
 * @param length of the bytes that count; all unless given
 */
export function internetChecksum(bytes: Buffer, length = bytes.length): number {
  let sum = 0
  for (let i = 0; i < length - 1; i += 2) sum += bytes.readUInt16BE(i)
  if (length % 2 === 1) sum += bytes.readUInt8(length - 1) << 8
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}
