// The numbers by which a field is named on the wire: an OXM class and a code in it, and for class 0xffff an experimenter
// (OpenFlow 1.5.1, section 7.2.3.2). The classes are those of OpenFlow and of Open vSwitch.
import type { Hex } from '../../values/hex.js'
import { OPENFLOW_13, OPENFLOW_15, type Version } from '../version.js'

export interface OxmCode {
  readonly oxmClass: number
  readonly code: number
  /** 4 bytes, for class 0xffff only */
  readonly experimenter?: Hex
}

export interface Header extends OxmCode {
  /** `OXM_OF_IN_PORT`: how moves and loads name the field. */
  readonly name: string
  /** The first version in which Open vSwitch sends it. */
  readonly since: Version
}

export const EXPERIMENTER_CLASS = 0xffff

function header(prefix: string, oxmClass: number, experimenter?: string) {
  return (code: number, name: string, since: Version = OPENFLOW_13): Header => ({
    name: `${prefix}_${name}`,
    oxmClass,
    code,
    ...(experimenter === undefined ? {} : { experimenter: experimenter as Hex }),
    since,
  })
}

/** OpenFlow's basic class. */
export const OF = header('OXM_OF', 0x8000)

/** The same, for a field that OpenFlow 1.5 brought in. */
export const OF15 = (code: number, name: string): Header => OF(code, name, OPENFLOW_15)

/** Packet registers of OpenFlow 1.5. */
export const PKT = header('OXM_OF', 0x8001)

/** Fields that OpenFlow 1.0 had, in Nicira's numbering. */
export const NXM = header('NXM_OF', 0x0000)

/** Nicira's extensions. */
export const NX = header('NXM_NX', 0x0001)

/** Nicira's later extensions. */
export const ET = header('NXOXM_ET', EXPERIMENTER_CLASS, '00002320')

/** Network service header, as Open vSwitch numbers it. */
export const NSH = header('NXOXM_NSH', EXPERIMENTER_CLASS, '005ad650')

/** Fields of OpenFlow 1.5 as the Open Networking Foundation gave them to older versions. */
export const ONF = header('ONFOXM_ET', EXPERIMENTER_CLASS, '4f4e4600')

/** Ericsson's fields of neighbour discovery. */
export const ERIC = header('ERICOXM_OF', 0x1000)
