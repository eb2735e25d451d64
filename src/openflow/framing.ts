// A byte stream cut into OpenFlow messages by the length in their headers.
import { HEADER_BYTES } from './codec.js'
import { malformed } from './wire/reader.js'

/** Collects chunks and gives back every message that is whole. */
export class MessageFramer {
  #pending: Buffer = Buffer.alloc(0)

  /** @throws ReconcileError OPENFLOW_MALFORMED when a length is shorter than a header */
  push(chunk: Buffer): readonly Buffer[] {
    let bytes = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    const messages: Buffer[] = []
    while (bytes.length >= HEADER_BYTES) {
      const length = bytes.readUInt16BE(2)
      if (length < HEADER_BYTES) throw malformed(`a message of ${length} bytes`)
      if (bytes.length < length) break
      messages.push(bytes.subarray(0, length))
      bytes = bytes.subarray(length)
    }
    this.#pending = bytes
    return messages
  }
}
