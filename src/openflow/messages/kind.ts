import { type Hex } from '../../values/hex.js'
import { OPENFLOW_13, OPENFLOW_14, OPENFLOW_15, type Version } from '../version.js'
import type { Infer, Layout } from '../wire/layout.js'

/** How a message is told apart: the type in its header, and for some types the first bytes behind it. */
export interface MessageCode {
  readonly type: number
  /** First bytes of the body: a multipart type (2 bytes), or an experimenter and its message type (8 bytes). */
  readonly prefix: Hex
}

export interface MessageKind<T> {
  readonly code: Readonly<Record<Version, MessageCode>>
  readonly layout: Layout<T>
}

export type MessageKinds = Readonly<Record<string, MessageKind<unknown>>>

/** The union of all message records of a table of kinds. */
export type MessageRecord<K extends MessageKinds> = {
  [N in keyof K & string]: { readonly type: N } & Infer<K[N]['layout']>
}[keyof K & string]

const EXPERIMENTER = 4
const MULTIPART_REQUEST = 18
const MULTIPART_REPLY = 19

const plain = (type: number): MessageCode => ({ type, prefix: '' as Hex })

/** Experimenter id of the Open Networking Foundation: bundles for OpenFlow 1.3 (ONF EXT-230). */
const onf = (type: number): MessageCode => ({
  type: EXPERIMENTER,
  prefix: `4f4e4600${type.toString(16).padStart(8, '0')}` as Hex,
})

const multipart = (header: number, type: number): MessageCode => ({
  type: header,
  prefix: type.toString(16).padStart(4, '0') as Hex,
})

function always(code: MessageCode): MessageKind<unknown>['code'] {
  return { [OPENFLOW_13]: code, [OPENFLOW_14]: code, [OPENFLOW_15]: code }
}

/** The same code in every version. */
export function message<T>(type: number, layout: Layout<T>): MessageKind<T> {
  return { code: always(plain(type)), layout }
}

/** A message of OpenFlow 1.4 and later that 1.3 has as an ONF extension. */
export function messageOrExtension<T>(type: number, onfType: number, layout: Layout<T>): MessageKind<T> {
  return { code: { ...always(plain(type)), [OPENFLOW_13]: onf(onfType) }, layout }
}

export function multipartRequest<T>(type: number, layout: Layout<T>): MessageKind<T> {
  return { code: always(multipart(MULTIPART_REQUEST, type)), layout }
}

export function multipartReply<T>(type: number, layout: Layout<T>): MessageKind<T> {
  return { code: always(multipart(MULTIPART_REPLY, type)), layout }
}
