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
  readonly #end: number
  readonly #depth: number
  #at: number

  constructor(bytes: Buffer, start = 0, end = bytes.length, depth = 0) {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
    this.#depth = depth
    if (depth > MAX_DEPTH) throw malformed(`more than ${MAX_DEPTH} things one inside the other`)
  }

  get remaining(): number {
    return this.#end - this.#at
  }

  u8(): number {
    return this.#bytes.readUInt8(this.#take(1))
  }

  u16(): number {
    return this.#bytes.readUInt16BE(this.#take(2))
  }

  u32(): number {
    return this.#bytes.readUInt32BE(this.#take(4))
  }

  /** `length` bytes as hexadecimal digits. */
  hex(length: number): Hex {
    const start = this.#take(length)
    return this.#bytes.toString('hex', start, start + length) as Hex
  }

  /** `length` bytes, not copied. */
  bytes(length: number): Buffer {
    const start = this.#take(length)
    return this.#bytes.subarray(start, start + length)
  }

  skip(length: number): void {
    this.#take(length)
  }

  /** Looks ahead without moving on. */
  peek<T>(read: (ahead: Reader) => T): T {
    return read(new Reader(this.#bytes, this.#at, this.#end, this.#depth))
  }

  /** A reader of the next `length` bytes; this one goes on behind them. */
  window(length: number): Reader {
    const start = this.#take(length)
    return new Reader(this.#bytes, start, start + length, this.#depth + 1)
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
