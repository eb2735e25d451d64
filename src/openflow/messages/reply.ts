// Which message answers which: the reply of the same name, or for a bundle's control another control.
import { MULTIPART_MORE } from './kind.js'
import type { Message, MessageOf } from './messages.js'

type Name = Message['type']

/** Requests whose reply may come in parts, which `flags` says. */
export type MultipartRequest = Extract<
  Message,
  { readonly flags: number; readonly type: `${string}_request` }
>

/** The record that answers a request of this name. */
export type ReplyTo<N extends Name> = MessageOf<
  N extends `${infer Stem}_request` ? Extract<Name, `${Stem}_reply`> : N
>

/** Is this the kind of message that answers the request? */
export function answers(reply: Message, request: Message): boolean {
  return reply.type === request.type.replace(/_request$/, '_reply')
}

/** Does no further part follow? */
export function isLast(reply: Message): boolean {
  const flags = 'flags' in reply && reply.type.endsWith('_reply') ? reply.flags : 0
  return (flags & MULTIPART_MORE) === 0
}
