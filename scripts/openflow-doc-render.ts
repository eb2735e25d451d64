// The tables of docs/openflow.md, made from the layouts. Apart from openflow-doc.ts, so that a test can compare without writing.
import { ACTIONS } from '../src/openflow/actions/actions.js'
import { INSTRUCTIONS } from '../src/openflow/actions/instructions.js'
import { type Field, FIELDS, type OxmCode } from '../src/openflow/fields/fields.js'
import type { MessageCode } from '../src/openflow/messages/kind.js'
import { MESSAGES } from '../src/openflow/messages/messages.js'
import { renderVersion, type Version, VERSIONS } from '../src/openflow/version.js'
import type { TlvCode } from '../src/openflow/wire/tlv.js'

/** Oldest first, as people read. */
const COLUMNS: readonly Version[] = [...VERSIONS].reverse()

type Row = readonly string[]

function renderTable(head: Row, rows: readonly Row[]): string {
  const line = (cells: Row) => `| ${cells.join(' | ')} |`
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')
}

type Codes<T> = Readonly<Record<Version, T | undefined>>

/** Which code a kind has in each version. */
function codeCells<T>(codes: Codes<T>, render: (code: T) => string): Row {
  return COLUMNS.map((version) => {
    const code = codes[version]
    return code === undefined ? '–' : render(code)
  })
}

const VERSION_HEAD = COLUMNS.map(renderVersion)

function renderKinds<T>(
  kinds: Readonly<Record<string, { readonly code: Codes<T> }>>,
  render: (code: T) => string,
): string {
  const rows = Object.entries(kinds).map(([name, { code }]) => [`\`${name}\``, ...codeCells(code, render)])
  return renderTable(['', ...VERSION_HEAD], rows)
}

const EXPERIMENTERS: ReadonlyMap<string, string> = new Map([
  ['4f4e4600', 'ONF'],
  ['00002320', 'Nicira'],
  ['005ad650', 'NSH'],
])

function renderExperimenter(digits: string): string {
  return EXPERIMENTERS.get(digits) ?? `0x${digits}`
}

function renderMessageCode({ type, multipart, experimenter }: MessageCode): string {
  const whose = experimenter && renderExperimenter(experimenter.slice(0, 8))
  const parts = [
    `${type}`,
    ...(multipart === undefined ? [] : [`multipart ${whose === undefined ? multipart : 'experimenter'}`]),
    ...(whose === undefined ? [] : [`${whose} ${Number.parseInt(experimenter?.slice(8) ?? '', 16)}`]),
  ]
  return parts.join(', ')
}

function renderTlvCode({ type, experimenter, subtype }: TlvCode): string {
  if (experimenter === undefined) return `${type}`
  return `${renderExperimenter(experimenter.toString(16).padStart(8, '0'))} ${subtype ?? 0}`
}

function renderOxmCode({ oxmClass, code, experimenter }: OxmCode): string {
  const whose = experimenter === undefined ? '' : `${renderExperimenter(experimenter)} `
  return `${whose}0x${oxmClass.toString(16).padStart(4, '0')}/${code}`
}

/** `reg0` of 16 fields alike is `reg0` to `reg15`. */
function renderFields(): string {
  const rows = runs(FIELDS).map(([first, last]) => [
    first === last ? `\`${first.name}\`` : `\`${first.name}\` to \`${last.name}\``,
    first.matchName === first.name ? '' : `\`${first.matchName}\``,
    `${first.bits}`,
    ...codeCells(first.codes, renderOxmCode),
  ])
  return renderTable(['field', 'in a match', 'bits', ...VERSION_HEAD], rows)
}

/** Numbered fields that follow each other, as their first and last. */
function runs(fields: readonly Field[]): readonly (readonly [Field, Field])[] {
  const found: [Field, Field][] = []
  for (const field of fields) {
    const run = found.at(-1)
    if (run && follows(field, run[1])) run[1] = field
    else found.push([field, field])
  }
  return found
}

const NUMBERED = /^(.*?)(\d+)$/

function follows(field: Field, before: Field): boolean {
  const [, stem, number] = NUMBERED.exec(field.name) ?? []
  const [, stemBefore, numberBefore] = NUMBERED.exec(before.name) ?? []
  return stem !== undefined && stem === stemBefore && Number(number) === Number(numberBefore) + 1
}

const TABLES: ReadonlyMap<string, () => string> = new Map([
  ['messages', () => renderKinds(MESSAGES, renderMessageCode)],
  ['fields', renderFields],
  ['actions', () => renderKinds(ACTIONS, renderTlvCode)],
  ['instructions', () => renderKinds(INSTRUCTIONS, renderTlvCode)],
])

const PLACE = /(<!-- generated: (\w+) -->\n)[^]*?(\n<!-- end -->)/g

/** The document with its tables made anew; all else stays. */
export function renderOpenFlowDoc(document: string): string {
  return document.replace(PLACE, (place, opening: string, name: string, closing: string) => {
    const table = TABLES.get(name)
    return table ? `${opening}\n${table()}\n${closing}` : place
  })
}
