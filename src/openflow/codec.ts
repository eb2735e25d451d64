// Whole messages, between bytes and records. Every message opens with version, type, length and xid
// (OpenFlow 1.5.1, section 7.1.1).
import {
  EXPERIMENTER,
  type MessageCode,
  type MessageKind,
  MULTIPART_EXPERIMENTER,
  MULTIPART_FLAGS_BYTES,
  MULTIPART_REPLY,
  MULTIPART_REQUEST,
} from './messages/kind.js'
import { type Message, MESSAGES } from './messages/messages.js'
import { isVersion, OPENFLOW_15, renderVersion, VERSIONS, type Version } from './version.js'
import { EXPERIMENTER_BYTES } from './wire/property.js'
import { malformed, Reader } from './wire/reader.js'
import { Writer } from './wire/writer.js'

export const HEADER_BYTES = 8

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

/** Most types are a kind alone, which a number finds; for others a text of all that tells the kind. */
function keyOf({ type, multipart, experimenter }: MessageCode): number | string {
  if (multipart === undefined && experimenter === undefined) return type
  return `${type}/${multipart ?? ''}/${experimenter ?? ''}`
}

function indexByCode(version: Version): ReadonlyMap<number | string, Candidate> {
  const candidates = KINDS.flatMap(([name, kind]) => {
    const code = kind.code[version]
    return code ? [{ name, kind, code }] : []
  })
  return new Map(candidates.map((candidate) => [keyOf(candidate.code), candidate]))
}

const byVersion = new Map(VERSIONS.map((version) => [version, indexByCode(version)]))

/** Bodies of a version that nobody speaks are taken for the newest: errors of Open vSwitch carry odd versions. */
function layoutVersion(wire: number): Version {
  return isVersion(wire) ? wire : OPENFLOW_15
}

/**
 * A record to one whole message.
 * @throws ReconcileError MESSAGE_TOO_LONG when it does not fit in 65535 bytes
 */
export function encode(version: number, xid: number, message: Message): Buffer {
  const writer = new Writer()
  writeMessage(writer, version, xid, message)
  return writer.finish()
}

/**
 * Messages one behind the other.
 * @param firstXid of the first one; the others have those that follow
 * @throws as `encode`
 */
export function encodeAll(version: number, firstXid: number, messages: readonly Message[]): Buffer {
  const writer = new Writer()
  for (const [index, message] of messages.entries()) writeMessage(writer, version, firstXid + index, message)
  return writer.finish()
}

/**
 * Messages as the adds of one bundle, one behind the other. A message has the xid of the add around it.
 * @param firstXid of the first one; the others have those that follow
 * @throws as `encode`
 */
export function encodeBundleAdds(
  version: number,
  firstXid: number,
  bundle: { readonly bundleId: number; readonly flags: number },
  messages: readonly Message[],
): Buffer {
  const writer = new Writer()
  for (const [index, message] of messages.entries()) {
    const start = writer.length
    writeMessage(writer, version, firstXid + index, { type: 'bundle_add', ...bundle, message: NO_BYTES })
    writeMessage(writer, version, firstXid + index, message)
    writer.patchU16(start + LENGTH_AT, writer.length - start)
  }
  return writer.finish()
}

const NO_BYTES = Buffer.alloc(0)

/** Where a header has its length. */
const LENGTH_AT = 2

function writeMessage(writer: Writer, version: number, xid: number, message: Message): void {
  const start = writer.length
  writer.u8(version)
  if (message.type === 'unknown') {
    writeHeaderRest(writer, message.code, xid)
    writer.bytes(message.body)
  } else {
    const spoken = layoutVersion(version)
    const kind: AnyKind = MESSAGES[message.type]
    const code = kind.code[spoken]
    if (!code) throw new Error(`${message.type} cannot be said in OpenFlow ${renderVersion(version)}`)
    writeHeaderRest(writer, code.type, xid)
    if (code.multipart !== undefined) writer.u16(code.multipart)
    else if (code.experimenter !== undefined) writer.hex(code.experimenter)
    kind.layout.write(writer, message, spoken)
  }
  writer.patchU16(start + LENGTH_AT, writer.length - start)
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
  return { version, xid, message: decodeBody(layoutVersion(version), type, reader) }
}

function decodeBody(version: Version, type: number, reader: Reader): Message {
  const found = byVersion.get(version)?.get(keyOf(readCode(type, reader.fork())))
  if (!found) return { type: 'unknown', code: type, body: Buffer.from(reader.bytes(reader.remaining)) }
  const { name, kind, code } = found
  if (code.multipart !== undefined) reader.skip(2)
  else if (code.experimenter !== undefined) reader.skip(EXPERIMENTER_BYTES)
  const record = kind.layout.read(reader, version) as object
  if (reader.remaining > 0) throw malformed(`a ${name} with ${reader.remaining} bytes too many`)
  return { type: name, ...record } as Message
}

/** What the first bytes of a body say of its kind; too few of them say nothing. */
function readCode(type: number, ahead: Reader): MessageCode {
  if (type === EXPERIMENTER && ahead.remaining >= EXPERIMENTER_BYTES)
    return { type, experimenter: ahead.hex(EXPERIMENTER_BYTES) }
  if ((type !== MULTIPART_REQUEST && type !== MULTIPART_REPLY) || ahead.remaining < 2) return { type }
  const multipart = ahead.u16()
  if (multipart !== MULTIPART_EXPERIMENTER || ahead.remaining < MULTIPART_FLAGS_BYTES + EXPERIMENTER_BYTES)
    return { type, multipart }
  ahead.skip(MULTIPART_FLAGS_BYTES)
  return { type, multipart, experimenter: ahead.hex(EXPERIMENTER_BYTES) }
}
