// Rows as ovsdb-server writes them, for the tests of the replica and its views.
import type { Uuid } from '../../../src/ovsdb/values.js'

export function id(number: number): Uuid {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}` as Uuid
}

export const NONE = ['set', []]
export const NO_PAIRS = ['map', []]

export function references(...numbers: number[]): unknown {
  return ['set', numbers.map((number) => ['uuid', id(number)])]
}

export function interfaceRow(name: string, row: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    name,
    type: '',
    ofport: NONE,
    error: NONE,
    external_ids: NO_PAIRS,
    options: NO_PAIRS,
    mtu: NONE,
    ...row,
  }
}

export function portRow(name: string, ...interfaces: number[]): Record<string, unknown> {
  return { name, interfaces: references(...interfaces), tag: NONE }
}

export function bridgeRow(
  name: string,
  ports: unknown,
  row: Record<string, unknown> = {},
): Record<string, unknown> {
  return { name, ports, datapath_type: '', fail_mode: NONE, external_ids: NO_PAIRS, ...row }
}
