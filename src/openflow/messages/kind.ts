// How messages are declared: a kind is a code per version and a layout for what stands behind the code.
import type { Hex } from '../../values/hex.js'
import { OPENFLOW_13, OPENFLOW_14, OPENFLOW_15, type Version } from '../version.js'
import { type Infer, type Layout, pad, since, struct, u16 } from '../wire/layout.js'
import { sequence } from '../wire/sections.js'

/** How a message is told apart: the type in its header, and for some types bytes of the body. */
export interface MessageCode {
  readonly type: number
  readonly multipart?: number
  /** Experimenter and its message type, 8 bytes: in front of the body, in a multipart behind flags and padding. */
  readonly experimenter?: Hex
}

export interface MessageKind<T> {
  /** A version without the message has no code. */
  readonly code: Readonly<Record<Version, MessageCode | undefined>>
  readonly layout: Layout<T>
}

export type MessageKinds = Readonly<Record<string, MessageKind<unknown>>>

/** The union of all message records of a table of kinds. */
export type MessageRecord<K extends MessageKinds> = {
  [N in keyof K & string]: { readonly type: N } & Infer<K[N]['layout']>
}[keyof K & string]

export const EXPERIMENTER = 4
export const MULTIPART_REQUEST = 18
export const MULTIPART_REPLY = 19

/** The multipart type of an experimenter's multipart. */
export const MULTIPART_EXPERIMENTER = 0xffff

/** Bytes between a multipart type and an experimenter: flags and padding. */
export const MULTIPART_FLAGS_BYTES = 6

/** Bit 0 of a multipart's `flags`: more parts follow. */
export const MULTIPART_MORE = 1

const ONF = '4f4e4600'
const NICIRA = '00002320'

const experimenterCode = (experimenter: string, type: number): MessageCode => ({
  type: EXPERIMENTER,
  experimenter: experimenterBytes(experimenter, type),
})

function experimenterBytes(experimenter: string, type: number): Hex {
  return `${experimenter}${type.toString(16).padStart(8, '0')}` as Hex
}

function always(code: MessageCode): MessageKind<unknown>['code'] {
  return { [OPENFLOW_13]: code, [OPENFLOW_14]: code, [OPENFLOW_15]: code }
}

/** The same code in every version. */
export function message<T>(type: number, layout: Layout<T>): MessageKind<T> {
  return { code: always({ type }), layout }
}

/** A message of OpenFlow 1.4 and later that 1.3 has as an ONF extension (EXT-230, EXT-191). */
export function messageOrExtension<T>(type: number, onfType: number, layout: Layout<T>): MessageKind<T> {
  return { code: { ...always({ type }), [OPENFLOW_13]: experimenterCode(ONF, onfType) }, layout }
}

/** An ONF extension to 1.3 for which later versions have no message of its own. */
export function extensionOf13<T>(onfType: number, layout: Layout<T>): MessageKind<T> {
  const code = experimenterCode(ONF, onfType)
  return { code: { [OPENFLOW_13]: code, [OPENFLOW_14]: undefined, [OPENFLOW_15]: undefined }, layout }
}

/** An extension by Nicira, which Open vSwitch speaks in every version. */
export function niciraMessage<T>(type: number, layout: Layout<T>): MessageKind<T> {
  return { code: always(experimenterCode(NICIRA, type)), layout }
}

const flags = struct({ flags: u16, _: pad(4) })

type Part<T> = { readonly flags: number } & T

function multipart<T extends object>(header: number, type: number, layout: Layout<T>): MessageKind<Part<T>> {
  return { code: always({ type: header, multipart: type }), layout: sequence(flags, layout) }
}

/** A multipart of OpenFlow 1.4 and later that 1.3 has as an ONF extension (EXT-187). */
function multipartOrExtension<T extends object>(
  header: number,
  type: number,
  onfType: number,
  layout: Layout<T>,
): MessageKind<Part<T>> {
  const experimenter = experimenterBytes(ONF, onfType)
  const behind = sequence(struct({ flags: u16, _1: pad(4), _2: constant(experimenter) }), layout)
  return {
    code: {
      ...always({ type: header, multipart: type }),
      [OPENFLOW_13]: { type: header, multipart: MULTIPART_EXPERIMENTER, experimenter },
    },
    layout: since<Part<T>>(OPENFLOW_14, sequence(flags, layout), behind),
  }
}

/** Bytes that have told the kind already. */
function constant(bytes: Hex): Layout<undefined> {
  return {
    read: (r) => {
      r.skip(bytes.length / 2)
      return undefined
    },
    write: (w) => w.hex(bytes),
  }
}

export function multipartRequest<T extends object>(type: number, layout: Layout<T>): MessageKind<Part<T>> {
  return multipart(MULTIPART_REQUEST, type, layout)
}

export function multipartReply<T extends object>(type: number, layout: Layout<T>): MessageKind<Part<T>> {
  return multipart(MULTIPART_REPLY, type, layout)
}

export function multipartRequestOrExtension<T extends object>(
  type: number,
  onfType: number,
  layout: Layout<T>,
): MessageKind<Part<T>> {
  return multipartOrExtension(MULTIPART_REQUEST, type, onfType, layout)
}

export function multipartReplyOrExtension<T extends object>(
  type: number,
  onfType: number,
  layout: Layout<T>,
): MessageKind<Part<T>> {
  return multipartOrExtension(MULTIPART_REPLY, type, onfType, layout)
}
