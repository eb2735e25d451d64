// Putting headers on and taking them off, in the notation of `ovs-ofctl`:
// `encap(nsh(md_type=2,tlv(0x1000,10,0x12345678)))`, `decap()`.
import { type Hex, hexFromNumber, numberFromHex, renderHex } from '../../values/hex.js'
import type { Action, ActionOf } from '../actions/actions.js'
import { type EncapProperty, NSH_CLASS, NSH_PROPERTY } from '../actions/encap.js'
import { argsOf, type Call, splitCall } from './call.js'
import { PACKET_TYPES } from './nicira-words.js'
import { parseNumber, splitCommas, syntaxError, type Word } from './scan.js'
import type { ActionReaders } from './scope.js'
import { parseInteger } from './value.js'

/** "Whatever comes next". */
const NEXT_PACKET_TYPE = 0xfffe

/** Digits of class, type and length of a piece of metadata. */
const TLV_HEADER = 8

const MAX_TLV_BYTES = 124

export function renderEncap({ packetType, properties }: ActionOf<'encap'>): string {
  const inner = properties.map(renderProperty).join(',')
  return `encap(${PACKET_TYPES.render(packetType)}${inner === '' ? '' : `(${inner})`})`
}

function renderProperty({ propertyClass, propertyType, data }: EncapProperty): string {
  if (propertyClass === NSH_CLASS && propertyType === NSH_PROPERTY.md_type)
    return `md_type=${numberFromHex(data)}`
  if (propertyClass !== NSH_CLASS || propertyType !== NSH_PROPERTY.tlv || data.length < TLV_HEADER) {
    return `property(${propertyClass},${propertyType},0x${data})`
  }
  const [tlvClass, type] = [data.slice(0, 4) as Hex, data.slice(4, 6) as Hex]
  const digits = 2 * Number.parseInt(data.slice(6, TLV_HEADER), 16)
  const value = data.slice(TLV_HEADER, TLV_HEADER + digits) as Hex
  return `tlv(0x${tlvClass},${numberFromHex(type)},${renderHex(value)})`
}

export function renderDecap({ packetType }: ActionOf<'decap'>): string {
  if (packetType === NEXT_PACKET_TYPE) return 'decap()'
  return `decap(packet_type(ns=${packetType >>> 16},id=0x${(packetType & 0xffff).toString(16)}))`
}

function readEncap(call: Call): Action {
  const inner = splitCall(argsOf(call))
  const packetType = PACKET_TYPES.parse(inner.name)
  if (packetType === undefined) throw syntaxError(argsOf(call), 'a header to put on')
  const properties = inner.args ? splitCommas(inner.args).map(readProperty) : []
  return { type: 'encap', headerSize: 0, packetType, properties }
}

function readProperty(word: Word): EncapProperty {
  const { name, args } = splitCall(word)
  if (name === 'md_type') {
    const data = hexFromNumber(parseNumber(args, word, 0xff), 1)
    return { propertyClass: NSH_CLASS, propertyType: NSH_PROPERTY.md_type, data }
  }
  const [tlvClass, type, value] = name === 'tlv' && args ? splitCommas(args) : []
  const bytes = value && shortest(parseInteger(value.text, MAX_TLV_BYTES))
  if (bytes === undefined) throw syntaxError(word, 'md_type=TYPE or tlv(CLASS,TYPE,VALUE)')
  const header = `${hexFromNumber(parseNumber(tlvClass, word, 0xffff), 2)}${hexFromNumber(parseNumber(type, word, 0xff), 1)}`
  const data = `${header}${hexFromNumber(bytes.length / 2, 1)}${bytes}`
  return { propertyClass: NSH_CLASS, propertyType: NSH_PROPERTY.tlv, data: padded(data) }
}

/** To 8 bytes, counted from the property's own 4 bytes: here the length counts the padding. */
function padded(data: string): Hex {
  return data.padEnd(Math.ceil((data.length + 8) / 16) * 16 - 8, '0') as Hex
}

/** At least one byte. */
function shortest(hex: Hex | undefined): Hex | undefined {
  return hex?.replace(/^(00)+(?=..)/, '') as Hex | undefined
}

const DECAP = /^packet_type\(ns=(\d{1,5}),(?:id|type)=(0x[0-9a-f]{1,4}|\d{1,5})\)$/

function readDecap({ args, word }: Call): Action {
  if (!args || args.text === '') return { type: 'decap', packetType: NEXT_PACKET_TYPE }
  const [, namespace, type] = DECAP.exec(args.text) ?? []
  if (namespace === undefined || Number(namespace) > 0xffff || Number(type) > 0xffff) {
    throw syntaxError(word, 'of the form decap() or decap(packet_type(ns=NAMESPACE,type=TYPE))')
  }
  return { type: 'decap', packetType: (Number(namespace) * 0x10000 + Number(type)) >>> 0 }
}

export const ENCAP_READERS: ActionReaders = { encap: readEncap, decap: readDecap }
