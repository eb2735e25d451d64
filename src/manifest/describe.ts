// How messages call things: `port "vm1"`, `spec.fixedIps[0].ipAddress`.
import { segmentsOf } from './pointer.js'
import type { YamlDocument } from './yaml-documents.js'

export function describeObject(kind: string, name: string | undefined): string {
  return name === undefined ? `this ${kind.toLowerCase()}` : `${kind.toLowerCase()} "${name}"`
}

/** What a document is about, as far as it says so. */
export function subjectOf({ claimed: { kind, name } }: YamlDocument): string {
  return describeObject(
    typeof kind === 'string' ? kind : 'manifest',
    typeof name === 'string' ? name : undefined,
  )
}

/** `/spec/fixedIps/0/ipAddress` → `spec.fixedIps[0].ipAddress` */
export function fieldPath(pointer: string): string {
  return segmentsOf(pointer)
    .map((segment, index) => (/^\d+$/.test(segment) ? `[${segment}]` : index === 0 ? segment : `.${segment}`))
    .join('')
}

/** `/spec/fixedIps/0` → `fixedIps`: the last name in the pointer. */
export function fieldName(pointer: string): string {
  return segmentsOf(pointer).findLast((segment) => !/^\d+$/.test(segment)) ?? ''
}
