// Blocks of a pcapng file (draft-ietf-opsawg-pcapng): packets with comments in, bytes out, little-endian. A block is its type,
// its length, a body, options, and its length once more, all of it in words of 32 bits.

const BLOCK = { section: 0x0a0d0d0a, interface: 1, packet: 6 } as const

/** Option codes: 0 and 1 are those of every block (section 3.5), the others of the section and interface header. */
const OPTION = { end: 0, comment: 1, application: 4, interfaceName: 2, interfaceDescription: 3 } as const

const BYTE_ORDER_MAGIC = 0x1a2b3c4d

/** LINKTYPE_ETHERNET. */
const ETHERNET = 1

/** Of an option: its length has 16 bits, and what follows is padded to 4 bytes. */
const MAX_OPTION_BYTES = 0xfffc

interface Option {
  readonly code: number
  readonly text: string
}

export interface CaptureDescription {
  /** The program that writes. */
  readonly application: string
  readonly interfaceName: string
  readonly interfaceDescription: string
}

export interface CapturedPacket {
  /** Milliseconds since 1970, with fractions. */
  readonly time: number
  /** The frame as far as it is there. */
  readonly data: Uint8Array
  /** Bytes that it had on its way. */
  readonly originalLength: number
  readonly comment: string
}

/** What a file begins with: a section of unknown length (section 4.1), and its one interface (4.2), in microseconds. */
export function captureHeader(description: CaptureDescription): Buffer {
  const { application, interfaceName, interfaceDescription } = description
  const section = Buffer.alloc(16)
  section.writeUInt32LE(BYTE_ORDER_MAGIC, 0)
  section.writeUInt16LE(1, 4) // version 1.0
  section.writeBigInt64LE(-1n, 8)
  const link = Buffer.alloc(8) // with a snap length of 0: no limit
  link.writeUInt16LE(ETHERNET, 0)
  return Buffer.concat([
    block(BLOCK.section, section, [{ code: OPTION.application, text: application }]),
    block(BLOCK.interface, link, [
      { code: OPTION.interfaceName, text: interfaceName },
      { code: OPTION.interfaceDescription, text: interfaceDescription },
    ]),
  ])
}

/** An enhanced packet block (section 4.3) of the first interface. */
export function packetBlock({ time, data, originalLength, comment }: CapturedPacket): Buffer {
  const head = Buffer.alloc(20)
  const microseconds = Math.round(time * 1000)
  head.writeUInt32LE(Math.floor(microseconds / 2 ** 32), 4)
  head.writeUInt32LE(microseconds % 2 ** 32, 8)
  head.writeUInt32LE(data.length, 12)
  head.writeUInt32LE(Math.max(originalLength, data.length), 16)
  return block(BLOCK.packet, Buffer.concat([head, padded(data)]), [{ code: OPTION.comment, text: comment }])
}

function block(type: number, body: Buffer, options: readonly Option[]): Buffer {
  const content = Buffer.concat([body, ...options.map(option), word16(OPTION.end, 0)])
  const head = Buffer.alloc(8)
  const length = content.length + 12
  head.writeUInt32LE(type, 0)
  head.writeUInt32LE(length, 4)
  return Buffer.concat([head, content, head.subarray(4, 8)])
}

function option({ code, text }: Option): Buffer {
  const value = Buffer.from(text).subarray(0, MAX_OPTION_BYTES)
  return Buffer.concat([word16(code, value.length), padded(value)])
}

function word16(first: number, second: number): Buffer {
  const word = Buffer.alloc(4)
  word.writeUInt16LE(first, 0)
  word.writeUInt16LE(second, 2)
  return word
}

function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)])
}
