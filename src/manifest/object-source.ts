// The places of one object's values, and what all kinds have in common: how a reader of one kind looks at its document.
import type { SourcePosition } from '../errors/error.js'
import { describeObject, fieldPath } from './describe.js'
import type { Located, Report } from './draft.js'
import type { Kind } from './model.js'
import type { CheckedValue } from './schema-check.js'
import type { ReadText } from './values.js'
import type { YamlDocument } from './yaml-documents.js'

export interface ObjectSource {
  readonly base: {
    readonly name: Located<string> | undefined
    readonly labels: Readonly<Record<string, string>>
  }
  /** `port "vm1"` */
  readonly title: string
  readonly at: (pointer: string) => SourcePosition
  /** The beginning of a message on a field: `spec.cidr of subnet "a"`. */
  readonly subject: (pointer: string) => string
  readonly isBroken: (pointer: string) => boolean
  /** Was the field left out on purpose, so that its default applies? */
  readonly isAbsent: (pointer: string, value: unknown) => boolean
  readonly locate: <T>(pointer: string, value: T | undefined) => Located<T> | undefined
  readonly read: <T>(
    pointer: string,
    text: string | undefined,
    readText: ReadText<T>,
    report: Report,
  ) => Located<T> | undefined
}

interface Metadata {
  readonly name?: string | undefined
  readonly labels?: Readonly<Record<string, string | undefined>> | undefined
}

export function objectSource(
  kind: Kind,
  metadata: Metadata | undefined,
  document: YamlDocument,
  { isBroken }: CheckedValue,
): ObjectSource {
  const { at } = document
  const title = describeObject(kind, metadata?.name)
  const subject = (pointer: string): string => `${fieldPath(pointer)} of ${title}`
  const locate = <T>(pointer: string, value: T | undefined): Located<T> | undefined =>
    value === undefined ? undefined : { value, at: at(pointer) }
  return {
    base: { name: locate('/metadata/name', metadata?.name), labels: definedOnly(metadata?.labels ?? {}) },
    title,
    at,
    subject,
    isBroken,
    isAbsent: (pointer, value) => value === undefined && !isBroken(pointer),
    locate,
    read: (pointer, value, readText, report) => {
      const text = locate(pointer, value)
      if (!text) return undefined
      const reading = readText(text, subject(pointer))
      if (reading.problem) report(reading.problem)
      return locate(pointer, reading.value)
    },
  }
}

function definedOnly(labels: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(labels).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
  )
}
