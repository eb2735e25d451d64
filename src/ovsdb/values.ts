// OVSDB's wire notation (RFC 7047, section 5.1) to plain values and back. A set of one element is written bare (`11`),
// of none or several as `["set", [...]]`; a map is `["map", [[key, value], ...]]`; a row's id `["uuid", "..."]`.
import type { Branded } from '../values/brand.js'
import { malformed } from './failures.js'

/** The id of a database row. */
export type Uuid = Branded<string, 'Uuid'>

export type WireAtom = string | number | boolean | readonly ['uuid' | 'named-uuid', string]
export type WireSet = readonly ['set', readonly WireAtom[]]
export type WireMap = readonly ['map', readonly (readonly [WireAtom, WireAtom])[]]
export type WireValue = WireAtom | WireSet | WireMap

/**
 * Wire notation to a plain value.
 * @param where what is being read, for the error: `Interface.ofport`
 * @throws ReconcileError OVSDB_MALFORMED when the notation says something else
 */
export type Decoder<T> = (wire: unknown, where: string) => T

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

export const text: Decoder<string> = (wire, where) => {
  if (typeof wire !== 'string') throw wrong(wire, where, 'a string')
  return wire
}

export const integer: Decoder<number> = (wire, where) => {
  if (!Number.isInteger(wire)) throw wrong(wire, where, 'an integer')
  return wire as number
}

/** A bare id, as it stands in the keys of a table update. */
export const uuidText: Decoder<Uuid> = (wire, where) => {
  if (typeof wire !== 'string' || !UUID.test(wire)) throw wrong(wire, where, 'a UUID')
  return wire as Uuid
}

export const uuid: Decoder<Uuid> = (wire, where) => {
  const [tag, id, ...rest] = elements(wire)
  if (tag !== 'uuid' || rest.length > 0) throw wrong(wire, where, 'a UUID')
  return uuidText(id, where)
}

export function setOf<T>(atom: Decoder<T>): Decoder<readonly T[]> {
  return (wire, where) => members(wire, where).map((member) => atom(member, where))
}

/** A set of at most one element, as the database schema says of most columns that may be absent. */
export function optional<T>(atom: Decoder<T>): Decoder<T | undefined> {
  return (wire, where) => {
    const [member, ...rest] = members(wire, where)
    if (rest.length > 0) throw wrong(wire, where, 'a set of at most one element')
    return member === undefined ? undefined : atom(member, where)
  }
}

/** A map of strings to strings, such as external_ids. */
export const textMap: Decoder<ReadonlyMap<string, string>> = (wire, where) => {
  const [tag, pairs] = elements(wire)
  if (tag !== 'map' || !Array.isArray(pairs)) throw wrong(wire, where, 'a map')
  return new Map(pairs.map((pair) => textPair(pair, where)))
}

export function encodeUuid(id: Uuid): WireAtom {
  return ['uuid', id]
}

/** A row that this same transaction inserts, by its `uuid-name`. */
export function encodeNamedUuid(name: string): WireAtom {
  return ['named-uuid', name]
}

export function encodeSet(atoms: readonly WireAtom[]): WireSet {
  return ['set', atoms]
}

export function encodeTextMap(entries: Iterable<readonly [string, string]>): WireMap {
  return ['map', [...entries]]
}

function members(wire: unknown, where: string): readonly unknown[] {
  const [tag, list] = elements(wire)
  if (tag !== 'set') return [wire]
  if (!Array.isArray(list)) throw wrong(wire, where, 'a set')
  return list
}

function textPair(wire: unknown, where: string): readonly [string, string] {
  const [key, value, ...rest] = elements(wire)
  if (rest.length > 0) throw wrong(wire, where, 'a pair')
  return [text(key, where), text(value, where)]
}

function elements(wire: unknown): readonly unknown[] {
  return Array.isArray(wire) ? wire : []
}

function wrong(wire: unknown, where: string, expected: string): Error {
  return malformed(`${where} is ${JSON.stringify(wire)}, not ${expected}`)
}
