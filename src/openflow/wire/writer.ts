// Writes big-endian fields into a buffer that grows as needed.
import { ReconcileError } from '../../errors/error.js'
import type { Hex } from '../../values/hex.js'

/** The value of each hexadecimal digit, by its character code. */
const NIBBLES = Uint8Array.from(
  { length: 0x80 },
  (_, code) => Number.parseInt(String.fromCharCode(code), 16) || 0,
)

/** To copy more takes longer than a call into C++. */
const FEW_BYTES = 32

export class Writer {
  #bytes = Buffer.allocUnsafe(256)
  #length = 0

  get length(): number {
    return this.#length
  }

  u8(value: number): void {
    checkRange(value, 0xff)
    const at = this.#grow(1)
    this.#bytes[at] = value
  }

  u16(value: number): void {
    checkRange(value, 0xffff)
    const at = this.#grow(2)
    this.#bytes[at] = value >>> 8
    this.#bytes[at + 1] = value
  }

  u32(value: number): void {
    checkRange(value, 0xffffffff)
    const at = this.#grow(4)
    const bytes = this.#bytes
    bytes[at] = value >>> 24
    bytes[at + 1] = value >>> 16
    bytes[at + 2] = value >>> 8
    bytes[at + 3] = value
  }

  /** By hand: most values are short, and a call of `Buffer.write` takes longer than they do. */
  hex(value: Hex): void {
    const at = this.#grow(value.length / 2)
    const bytes = this.#bytes
    for (let i = 0; i < value.length; i += 2) {
      bytes[at + i / 2] = (digit(value, i) << 4) | digit(value, i + 1)
    }
  }

  /** By hand where they are few, as above. */
  bytes(value: Uint8Array): void {
    const { length } = value
    const at = this.#grow(length)
    const bytes = this.#bytes
    if (length > FEW_BYTES) bytes.set(value, at)
    else for (let i = 0; i < length; i++) bytes[at + i] = value[i] ?? 0
  }

  zeros(count: number): void {
    const at = this.#grow(count)
    for (let i = 0; i < count; i++) this.#bytes[at + i] = 0
  }

  /** Zeros up to the next multiple of 8 bytes, counted from `start`. */
  alignTo8(start: number): void {
    this.zeros(paddingTo8(this.#length - start))
  }

  /** Writes over a 16-bit field, for lengths that are known only afterwards. */
  patchU16(at: number, value: number): void {
    if (value > 0xffff) throw tooLong(value)
    this.#bytes.writeUInt16BE(value, at)
  }

  /** What has been written from `start` on, to be kept. */
  copyFrom(start: number): Uint8Array {
    return Uint8Array.prototype.slice.call(this.#bytes, start, this.#length)
  }

  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  #grow(count: number): number {
    const start = this.#length
    this.#length += count
    if (this.#length > this.#bytes.length) {
      const bigger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length))
      this.#bytes.copy(bigger, 0, 0, start)
      this.#bytes = bigger
    }
    return start
  }
}

/** As the methods of Buffer do, which take longer than all else here. */
function checkRange(value: number, greatest: number): void {
  if (!(value >= 0 && value <= greatest)) throw new RangeError(`${value} is not a number of 0 to ${greatest}`)
}

function digit(hex: Hex, at: number): number {
  return NIBBLES[hex.charCodeAt(at)] ?? 0
}

/** What a record holds does not fit a message: each length in it has 16 bits. */
export function tooLong(bytes: number): ReconcileError {
  return new ReconcileError('MESSAGE_TOO_LONG', `An OpenFlow message of ${bytes} bytes cannot be sent.`, {
    remedy: 'Use fewer ports or actions in one flow: a message has at most 65535 bytes.',
  })
}

/** Bytes missing to the next multiple of 8 (OpenFlow 1.5.1, section 7.2: all structures are 8-byte aligned). */
export function paddingTo8(length: number): number {
  return (8 - (length % 8)) % 8
}
