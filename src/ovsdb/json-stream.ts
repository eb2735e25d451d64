// Framing of JSON-RPC 1.0: bytes as they arrive in, whole JSON values out. There are no delimiters (RFC 7047,
// section 4: any stream of JSON objects), so brackets outside strings are counted.
import { malformed } from './failures.js'

/** Far above the first reply of the largest known switch, far below what a V8 string can hold (512 MiB). */
const MAX_MESSAGE_BYTES = 256 * 1024 * 1024

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

/**
 * Cuts a byte stream into JSON objects and arrays. All bytes that matter to the scan are ASCII, and UTF-8 never uses
 * those inside a longer sequence; so bytes are scanned, and text is decoded only when a value is whole.
 */
export class JsonStream {
  private readonly decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  private parts: Buffer[] = []
  /** Bytes in `parts`. */
  private held = 0
  private depth = 0
  private inString = false
  private escaped = false

  constructor(private readonly maxMessageBytes = MAX_MESSAGE_BYTES) {}

  /**
   * The values that these bytes complete, in order. A stream that has thrown is of no further use.
   * @throws ReconcileError OVSDB_MALFORMED for bytes that start no object or array, for a value that is not JSON or
   *   not UTF-8, and for one that is too long
   */
  *push(chunk: Buffer): Generator<unknown, void, undefined> {
    let start = this.depth === 0 ? valueStart(chunk, 0) : 0
    while (start < chunk.length) {
      const end = this.scan(chunk, start)
      this.hold(chunk.subarray(start, end))
      if (this.depth > 0) return
      yield this.take()
      start = valueStart(chunk, end)
    }
  }

  /** Moves over one value; returns the index after its end, or the chunk's length. */
  private scan(chunk: Buffer, from: number): number {
    for (let index = from; index < chunk.length; index++) {
      const byte = chunk[index]
      if (this.inString) this.scanString(byte)
      else if (byte === QUOTE) this.inString = true
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.depth++
      else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && --this.depth === 0) return index + 1
    }
    return chunk.length
  }

  private scanString(byte: number | undefined): void {
    if (this.escaped) this.escaped = false
    else if (byte === BACKSLASH) this.escaped = true
    else if (byte === QUOTE) this.inString = false
  }

  private hold(part: Buffer): void {
    this.parts.push(part)
    this.held += part.length
    if (this.held > this.maxMessageBytes)
      throw malformed(`a message of more than ${this.maxMessageBytes} bytes`)
  }

  private take(): unknown {
    const bytes = Buffer.concat(this.parts, this.held)
    this.parts = []
    this.held = 0
    try {
      return JSON.parse(this.decoder.decode(bytes))
    } catch (cause) {
      throw malformed(`${excerpt(bytes)} is not JSON`, cause)
    }
  }
}

/** Index of the next value's first byte; white space between values is skipped (RFC 8259, section 2). */
function valueStart(chunk: Buffer, from: number): number {
  let index = from
  while (isWhiteSpace(chunk[index])) index++
  const byte = chunk[index]
  if (byte === undefined || byte === OPEN_BRACE || byte === OPEN_BRACKET) return index
  throw malformed(`${excerpt(chunk.subarray(index))} starts no JSON object`)
}

function isWhiteSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

function excerpt(bytes: Buffer): string {
  const text = JSON.stringify(bytes.subarray(0, 40).toString('latin1'))
  return bytes.length > 40 ? `${text}...` : text
}
