// Reads big-endian fields from a window of a buffer. Never reads past its end: what is cut short is a typed error.
import { ReconcileError } from '../../errors/error.js'
import type { Hex } from '../../values/hex.js'

export function malformed(what: string): ReconcileError {
  return new ReconcileError('OPENFLOW_MALFORMED', `The switch sent bytes that are not OpenFlow: ${what}.`, {
    remedy: 'Check that the socket is the management socket of an Open vSwitch bridge.',
  })
}

/** How deep things may lie in things: actions nest in actions without limit on the wire, but not on the stack. */
const MAX_DEPTH = 100

export class Reader {
  readonly #bytes: Buffer
  /** The same bytes: numbers are read by it, which is quicker than by the methods of a Buffer. */
  readonly #view: DataView
  readonly #end: number
  readonly #depth: number
  #at: number

  constructor(
    bytes: Buffer,
    view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
    start = 0,
    end = bytes.length,
    depth = 0,
  ) {
    this.#bytes = bytes
    this.#view = view
    this.#at = start
    this.#end = end
    this.#depth = depth
    if (depth > MAX_DEPTH) throw malformed(`more than ${MAX_DEPTH} things one inside the other`)
  }

  get remaining(): number {
    return this.#end - this.#at
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1))
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2))
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4))
  }

  /** `length` bytes as hexadecimal digits. */
  hex(length: number): Hex {
    const start = this.#take(length)
    const digits =
      length === 8 ? hexOf8(this.#bytes, start) : this.#bytes.toString('hex', start, start + length)
    return digits as Hex
  }

  /** `length` bytes, not copied. */
  bytes(length: number): Buffer {
    const start = this.#take(length)
    return this.#bytes.subarray(start, start + length)
  }

  skip(length: number): void {
    this.#take(length)
  }

  /** A reader of the next `length` bytes; this one goes on behind them. */
  window(length: number): Reader {
    const start = this.#take(length)
    return new Reader(this.#bytes, this.#view, start, start + length, this.#depth + 1)
  }

  /** A second reader of what is left, to look ahead or to come back. */
  fork(): Reader {
    return new Reader(this.#bytes, this.#view, this.#at, this.#end, this.#depth)
  }

  /** The byte `offset` bytes ahead; 0 behind the end. */
  byteAhead(offset: number): number {
    const at = this.#at + offset
    return at < this.#end ? this.#view.getUint8(at) : 0
  }

  /** The number in the next 4 bytes; 0 where fewer are left. */
  u32Ahead(): number {
    return this.remaining < 4 ? 0 : this.#view.getUint32(this.#at)
  }

  /**
   * The next `length` bytes, of which no fewer may be left, as words of 4; the last is filled up with zeros.
   * @returns how many words
   */
  wordsAhead(length: number, words: Int32Array): number {
    const whole = length >> 2
    const view = this.#view
    const at = this.#at
    for (let i = 0; i < whole; i++) words[i] = view.getInt32(at + i * 4)
    if ((length & 3) === 0) return whole
    let last = 0
    for (let offset = whole * 4; offset < whole * 4 + 4; offset++) {
      last = (last << 8) | (offset < length ? this.byteAhead(offset) : 0)
    }
    words[whole] = last
    return whole + 1
  }

  #take(length: number): number {
    if (length < 0 || length > this.remaining) {
      throw malformed(`${length} bytes wanted where ${this.remaining} are left`)
    }
    const start = this.#at
    this.#at += length
    return start
  }
}

const DIGITS = Buffer.from('0123456789abcdef')

const high = (bytes: Buffer, at: number) => DIGITS[(bytes[at] ?? 0) >> 4] ?? 0
const low = (bytes: Buffer, at: number) => DIGITS[(bytes[at] ?? 0) & 15] ?? 0

/** Most hexadecimal texts are of 8 bytes (cookies, metadata, counters): this is twice as quick as `toString`. */
function hexOf8(bytes: Buffer, at: number): string {
  return String.fromCharCode(
    high(bytes, at),
    low(bytes, at),
    high(bytes, at + 1),
    low(bytes, at + 1),
    high(bytes, at + 2),
    low(bytes, at + 2),
    high(bytes, at + 3),
    low(bytes, at + 3),
    high(bytes, at + 4),
    low(bytes, at + 4),
    high(bytes, at + 5),
    low(bytes, at + 5),
    high(bytes, at + 6),
    low(bytes, at + 6),
    high(bytes, at + 7),
    low(bytes, at + 7),
  )
}
