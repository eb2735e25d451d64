// Values in the match of a dump, where Open vSwitch writes some fields in another way than in actions.
import { type Hex, numberFromHex, renderHex } from '../../values/hex.js'
import type { Field } from '../fields/fields.js'
import { allOnes } from '../fields/fields.js'
import { renderSignedFlags } from './flags.js'
import type { PortNames } from './port-names.js'
import { type MaskedValue, renderValue } from './value.js'

type Render = (value: MaskedValue) => string

/** At least so many digits, a zero with 0x too. */
function digits(least: number): Render {
  return ({ value, mask }) =>
    mask === undefined ? pad(value, least) : `${pad(value, least)}/${pad(mask, least)}`
}

function pad(hex: Hex, least: number): string {
  return `0x${hex.replace(/^0+/, '').padStart(least, '0')}`
}

const decimal: Render = ({ value, mask }) =>
  mask === undefined ? String(numberFromHex(value)) : digits(1)({ value, mask })

const nshFlags: Render = ({ value, mask }) =>
  mask === undefined ? decimal({ value }) : digits(2)({ value, mask })

/** Their masks are not shown. */
const hexAlone: Render = ({ value }) => renderHex(value)
const decimalAlone: Render = ({ value }) => decimal({ value })

const RENDERERS: ReadonlyMap<string, Render> = new Map([
  ['eth_type', digits(4)],
  ['ipv6_label', digits(5)],
  ['nsh_flags', nshFlags],
  ['nsh_spi', digits(1)],
  ...[1, 2, 3, 4].map((n) => [`nsh_c${n}`, digits(1)] as const),
  ['ct_zone', decimal],
  // Printed as the old type-of-service byte, of which the DSCP is the upper six bits.
  ['ip_dscp', ({ value }) => String(numberFromHex(value) << 2)],
  ['tun_gbp_flags', hexAlone],
  ['tun_erspan_ver', decimalAlone],
  ['tun_erspan_idx', hexAlone],
  ['tun_erspan_dir', decimalAlone],
  ['tun_erspan_hwid', hexAlone],
  ['tun_gtpu_flags', hexAlone],
  ['tun_gtpu_msgtype', decimalAlone],
])

/** `tp_dst=0x400/0xfc00`, or a name alone where the field has only to be there. */
export function renderMatchField(field: Field, value: MaskedValue, names: PortNames): string {
  const name = field.name === 'ip_dscp' ? 'nw_tos' : field.matchName
  if (field.variable && value.mask === '') return name
  return `${name}=${renderMatchValue(field, value, names)}`
}

function renderMatchValue(field: Field, value: MaskedValue, names: PortNames): string {
  const render = RENDERERS.get(field.name)
  if (render) return render(value)
  if (field.format === 'tunnel_flags') return renderSignedFlags(field.format, value, allOnes(field))
  return field.format === 'decimal' ? decimal(value) : renderValue(field, value, names)
}
