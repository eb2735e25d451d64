// Names as written: of objects (RFC 1123) and of Open vSwitch interfaces.
import { ReconcileError } from '../errors/error.js'
import type { Located, Report } from './draft.js'
import type { Kind } from './model.js'

/** RFC 1123, section 2.1, with RFC 952: letters, digits and hyphens; lower case as in Kubernetes. */
const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/

/** Reports a name that its kind may not have. */
export function checkName(kind: Kind, name: Located<string>, report: Report): void {
  const { value, at } = name
  const isNode = kind === 'Node'
  const labels = isNode ? value.split('.') : [value]
  if (labels.every((label) => LABEL.test(label)) && value.length <= 253) return
  const message = `The name "${shorten(value)}" of a ${kind} is not an RFC 1123 ${isNode ? 'host name' : 'label'}.`
  const meant = labels
    .map(asLabel)
    .filter((label) => label !== '')
    .join('.')
  const rule = `lower-case letters, digits and "-"${isNode ? ', with dots between' : ''}, at most 63 characters`
  const remedy = meant === '' ? `Use ${rule}.` : `Use "${shorten(meant)}": ${rule}.`
  report(new ReconcileError('INVALID_NAME', message, { at, remedy }))
}

function asLabel(text: string): string {
  const plain = text.toLowerCase().replace(/[^a-z0-9]+/g, '-')
  return plain.replace(/^-/, '').slice(0, 63).replace(/-$/, '')
}

function shorten(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`
}

/** Reports an interface name that Linux (15 bytes, no slash, colon or space) or the notation of flows cannot hold. */
export function checkInterfaceName(name: Located<string>, subject: string, report: Report): void {
  const { value, at } = name
  if (/^[!#-.0-9;-[\]-~]{1,15}$/.test(value) && value !== '.' && value !== '..') return
  const message = `${subject} is "${shorten(value)}", which is no name of an Open vSwitch interface.`
  const remedy =
    'Use 1 to 15 ASCII characters without space, slash, colon, quote and backslash, such as "tap-vm1".'
  report(new ReconcileError('WRONG_VALUE', message, { at, remedy }))
}

/** Reports an iface-id that cannot be compared safely: empty, overlong, or with spaces. */
export function checkIfaceId(id: Located<string>, subject: string, report: Report): void {
  if (/^[!-~]{1,255}$/.test(id.value)) return
  const message = `${subject} is "${shorten(id.value)}", which is no interface id.`
  const remedy = 'Use 1 to 255 ASCII characters without spaces, as in external_ids:iface-id.'
  report(new ReconcileError('WRONG_VALUE', message, { at: id.at, remedy }))
}
