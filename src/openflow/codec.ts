// Whole messages, between bytes and records. Every message opens with version, type, length and xid
// (OpenFlow 1.5.1, section 7.1.1).
import type { MessageCode, MessageKind } from './messages/kind.js'
import { type Message, MESSAGES } from './messages/messages.js'
import { isVersion, OPENFLOW_15, VERSIONS, type Version } from './version.js'
import { malformed, Reader } from './wire/reader.js'
import { tooLong, Writer } from './wire/writer.js'

export const HEADER_BYTES = 8

/** The length field has 16 bits. */
export const MAX_MESSAGE_BYTES = 0xffff

export interface Envelope {
  /** As in the header; errors of Open vSwitch carry odd ones. */
  readonly version: number
  readonly xid: number
  readonly message: Message
}

type AnyKind = MessageKind<unknown>

interface Candidate {
  readonly name: string
  readonly code: MessageCode
  readonly kind: AnyKind
}

const KINDS: readonly (readonly [string, AnyKind])[] = Object.entries(MESSAGES)

/** The kinds that share a type number in a version; their prefixes tell them apart. */
function candidatesByType(version: Version): ReadonlyMap<number, readonly Candidate[]> {
  const candidates = KINDS.map(([name, kind]) => ({ name, kind, code: kind.code[version] }))
  const types = new Set(candidates.map(({ code }) => code.type))
  return new Map([...types].map((type) => [type, candidates.filter(({ code }) => code.type === type)]))
}

const byVersion = new Map(VERSIONS.map((version) => [version, candidatesByType(version)]))

/**
 * A record to one whole message.
 * @throws ReconcileError MESSAGE_TOO_LONG when it does not fit in 65535 bytes
 */
export function encode(version: Version, xid: number, message: Message): Buffer {
  const writer = new Writer()
  writer.u8(version)
  if (message.type === 'unknown') {
    writeHeaderRest(writer, message.code, xid)
    writer.bytes(message.body)
  } else {
    const kind: AnyKind = MESSAGES[message.type]
    const code = kind.code[version]
    writeHeaderRest(writer, code.type, xid)
    writer.hex(code.prefix)
    kind.layout.write(writer, message, version)
  }
  if (writer.length > MAX_MESSAGE_BYTES) throw tooLong(writer.length)
  writer.patchU16(2, writer.length)
  return writer.finish()
}

function writeHeaderRest(writer: Writer, type: number, xid: number): void {
  writer.u8(type)
  writer.u16(0)
  writer.u32(xid)
}

/**
 * One whole message to its record.
 * @throws ReconcileError OPENFLOW_MALFORMED when the bytes are cut short or contradict themselves
 */
export function decode(bytes: Buffer): Envelope {
  const reader = new Reader(bytes)
  const version = reader.u8()
  const type = reader.u8()
  const length = reader.u16()
  const xid = reader.u32()
  if (length !== bytes.length) throw malformed(`a message of ${bytes.length} bytes that claims ${length}`)
  return { version, xid, message: decodeBody(isVersion(version) ? version : OPENFLOW_15, type, reader) }
}

function decodeBody(version: Version, type: number, reader: Reader): Message {
  const prefix = reader.peek((ahead) => ahead.hex(Math.min(8, ahead.remaining)))
  const found = byVersion
    .get(version)
    ?.get(type)
    ?.find(({ code }) => prefix.startsWith(code.prefix))
  if (!found) return { type: 'unknown', code: type, body: Buffer.from(reader.bytes(reader.remaining)) }
  reader.skip(found.code.prefix.length / 2)
  return { type: found.name, ...(found.kind.layout.read(reader, version) as object) } as Message
}
