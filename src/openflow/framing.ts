// A byte stream cut into OpenFlow messages by the length in their headers.
import { HEADER_BYTES } from './codec.js'
import { malformed } from './wire/reader.js'

/**
 * Collects chunks and gives back every message that is whole. A message that came in one chunk is a view of it; of one that
 * came in parts, each byte is copied once. Between calls it keeps less than one message: 64 kB.
 */
export class MessageFramer {
  /** The message that is not whole yet: a header, then as many bytes as the header says. */
  #partial: Buffer = Buffer.alloc(HEADER_BYTES)
  #filled = 0

  /** @throws ReconcileError OPENFLOW_MALFORMED when a length is shorter than a header */
  push(chunk: Buffer): readonly Buffer[] {
    const messages: Buffer[] = []
    let left = chunk
    while (left.length > 0) {
      const length = this.#filled === 0 && left.length >= HEADER_BYTES ? lengthIn(left) : Infinity
      if (length <= left.length) {
        messages.push(left.subarray(0, length))
        left = left.subarray(length)
      } else {
        left = this.#fill(left)
        if (this.#filled === this.#partial.length) messages.push(this.#take())
      }
    }
    return messages
  }

  /** Copies what the message lacks, and gives back the rest. */
  #fill(bytes: Buffer): Buffer {
    const copied = bytes.copy(this.#partial, this.#filled)
    this.#filled += copied
    if (this.#filled === HEADER_BYTES) this.#makeRoom()
    return bytes.subarray(copied)
  }

  #makeRoom(): void {
    const whole = Buffer.alloc(lengthIn(this.#partial))
    this.#partial.copy(whole)
    this.#partial = whole
  }

  #take(): Buffer {
    const message = this.#partial
    this.#partial = Buffer.alloc(HEADER_BYTES)
    this.#filled = 0
    return message
  }
}

function lengthIn(header: Buffer): number {
  const length = header.readUInt16BE(2)
  if (length < HEADER_BYTES) throw malformed(`a message of ${length} bytes`)
  return length
}
