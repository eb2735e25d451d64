// Match fields by name and by header. A field has one name in records; a header other than the one a version prefers keeps
// a name of its own, so that what was decoded encodes to the same bytes.
import { type Hex, hexFromNumber, onesHex } from '../../values/hex.js'
import { OPENFLOW_13, OPENFLOW_14, OPENFLOW_15, type Version } from '../version.js'
import type { OxmCode } from './headers.js'
import { type FieldFormat, type Row, ROWS } from './rows.js'

export type { FieldFormat } from './rows.js'
export type { OxmCode } from './headers.js'

export interface Field {
  /** The name in records. */
  readonly name: string
  /** The name of the same field in canonical records: another one for a header that is not preferred. */
  readonly canonical: string
  /** The name in a match as `dump-flows` prints it. */
  readonly matchName: string
  /** The name in `set_field:VALUE->NAME`. */
  readonly actionName: string
  /** The name in `move:NAME[0..31]->…`. */
  readonly moveName: string
  /** The header in each version. */
  readonly codes: Readonly<Record<Version, OxmCode>>
  /** The header by which Nicira's actions name the field, where it has an older one. */
  readonly nxm: OxmCode
  /** Width on the wire in bytes. */
  readonly bytes: number
  /** Width of the meaning in bits. */
  readonly bits: number
  /** Mask of all bits that a match can ask for. */
  readonly full: Hex
  readonly format: FieldFormat
  /** May a value have fewer bytes? */
  readonly variable: boolean
  /** Open vSwitch sends a mask even when all bits count. */
  readonly alwaysMasked: boolean
}

export const FIELDS: readonly Field[] = ROWS.map(fieldOfRow)

function fieldOfRow([name, bits, format, headers, options = {}]: Row): Field {
  const code = (version: Version) => headers.find(({ since }) => since <= version) ?? headers[0]
  const oldest = headers.at(-1) ?? headers[0]
  const bytes = options.bytes ?? (options.full === undefined ? Math.ceil(bits / 8) : options.full.length / 2)
  return {
    name,
    canonical: name,
    matchName: options.matchName ?? name,
    actionName: options.actionName ?? name,
    moveName: oldest.name,
    codes: {
      [OPENFLOW_13]: code(OPENFLOW_13),
      [OPENFLOW_14]: code(OPENFLOW_14),
      [OPENFLOW_15]: code(OPENFLOW_15),
    },
    nxm: oldest,
    bytes,
    bits,
    full: (options.full as Hex | undefined) ?? lowBits(bits, bytes),
    format,
    variable: options.variable ?? false,
    alwaysMasked: options.alwaysMasked ?? false,
  }
}

function lowBits(bits: number, bytes: number): Hex {
  return bits === bytes * 8 ? onesHex(bytes) : hexFromNumber(2 ** bits - 1, bytes)
}

/** The mask of all bits that a match can ask for. */
export function allOnes({ full }: Field): Hex {
  return full
}

/** A number for the many, so that looking up builds no text. */
const headerKey = ({ oxmClass, code, experimenter }: OxmCode): number | string =>
  experimenter === undefined ? (oxmClass << 7) | code : `${experimenter}/${code}`

/** Any header of any field: the field, and the same field under the header's own name. */
const byHeader = new Map(ROWS.flatMap((row, i) => headersOf(row, FIELDS[i])))
const byName = new Map([
  ...[...byHeader.values()].map(({ alias }) => [alias.name, alias] as const),
  ...FIELDS.map((field) => [field.name, field] as const),
])
const ranks = new Map(FIELDS.map((field, rank) => [field.name, rank]))
const byActionName = new Map(
  ROWS.flatMap(([name, , , , options], i) => {
    const field = FIELDS[i]
    if (!field) return []
    const old =
      field.matchName.startsWith('dl_') || field.matchName.startsWith('nw_') ? [field.matchName] : []
    const own = options?.actionName === undefined ? [name] : []
    return [field.actionName, ...own, ...old, ...(options?.aliases ?? [])].map(
      (word) => [word, field] as const,
    )
  }),
)
const byMoveName = new Map([
  ...byActionName,
  ...[...byHeader.values()].map(({ field, alias }) => [alias.name, field] as const),
])

interface Named {
  readonly field: Field
  readonly alias: Field
}

function headersOf(
  [, , , headers]: Row,
  field: Field | undefined,
): readonly (readonly [number | string, Named])[] {
  if (!field) return []
  return headers.map((header) => {
    const codes = { [OPENFLOW_13]: header, [OPENFLOW_14]: header, [OPENFLOW_15]: header }
    const alias = { ...field, name: header.name, codes, nxm: header }
    return [headerKey(header), { field, alias }]
  })
}

/** The field of that name. Only for names in this program's own text: a name from outside is looked up by `findField`. */
export function fieldNamed(name: string): Field {
  const field = findField(name)
  if (!field) throw new Error(`no such field: ${name}`)
  return field
}

/** The field of that record name; undefined when there is none. */
export function findField(name: string): Field | undefined {
  return byName.get(name) ?? sizedOrUnnamed(name)
}

/** `tun_metadata0/4`: a header that says another width; `oxm_8000_45_4`: a field without a row. */
function sizedOrUnnamed(name: string): Field | undefined {
  const [, of = '', width = ''] = /^(\w+)\/([0-9]{1,3})$/.exec(name) ?? []
  const field = byName.get(of)
  if (field?.variable && Number(width) < field.bytes) return sized(field, Number(width))
  const unnamed = /^oxm_([0-9a-f]{4})_([0-9]{1,3})_([0-9]{1,3})(?:_([0-9a-f]{8}))?$/.exec(name)
  if (!unnamed) return undefined
  const [, oxmClass = '', code, bytes, experimenter] = unnamed
  const header = { oxmClass: Number.parseInt(oxmClass, 16), code: Number(code) }
  return unnamedField(
    experimenter === undefined ? header : { ...header, experimenter: experimenter as Hex },
    Number(bytes),
  )
}

/** Place of a field on the wire; fields without a row come last. */
export function wireRank(name: string): number {
  return ranks.get(name) ?? FIELDS.length
}

/** The field that `set_field:VALUE->NAME` means. */
export function findFieldByActionName(name: string): Field | undefined {
  return byActionName.get(name)
}

/** The field that `move:NAME[]->…` means, by any name of any of its headers. */
export function findFieldByMoveName(name: string): Field | undefined {
  return byMoveName.get(name)
}

/** The field of an OXM header. A field this table does not list keeps its bytes under a name made of its code. */
export function fieldOfHeader(header: OxmCode, bytes: number, version: Version): Field {
  return resolve(header, bytes, (field) => field.codes[version])
}

/** The same for the older headers of `Field.nxm`. */
export function fieldOfNxmHeader(header: OxmCode, bytes: number): Field {
  return resolve(header, bytes, (field) => field.nxm)
}

function resolve(header: OxmCode, bytes: number, preferred: (field: Field) => OxmCode): Field {
  const known = byHeader.get(headerKey(header))
  if (!known) return unnamedField(header, bytes)
  const code = preferred(known.field)
  const isPreferred = code.oxmClass === header.oxmClass && code.code === header.code
  const field = isPreferred ? known.field : known.alias
  return field.bytes === bytes || (field.variable && bytes < field.bytes)
    ? field
    : unnamedField(header, bytes)
}

/** A field of varying width, named by a header that says this one. */
export function sized(field: Field, bytes: number): Field {
  return field.bytes === bytes ? field : { ...field, name: `${field.name}/${bytes}`, bytes }
}

function unnamedField(header: OxmCode, bytes: number): Field {
  const { oxmClass, code, experimenter } = header
  const suffix = experimenter === undefined ? '' : `_${experimenter}`
  const name = `oxm_${hexFromNumber(oxmClass, 2)}_${code}_${bytes}${suffix}`
  return {
    name,
    canonical: name,
    matchName: name,
    actionName: name,
    moveName: name,
    codes: { [OPENFLOW_13]: header, [OPENFLOW_14]: header, [OPENFLOW_15]: header },
    nxm: header,
    bytes,
    bits: bytes * 8,
    full: onesHex(bytes),
    format: 'hex',
    variable: false,
    alwaysMasked: false,
  }
}
