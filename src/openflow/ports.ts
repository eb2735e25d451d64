// Reserved port numbers (OpenFlow 1.5.1, section 7.2.1.1) with the names ovs-ofctl gives them.

export const PORT = {
  UNSET: 0xfffffff7,
  IN_PORT: 0xfffffff8,
  TABLE: 0xfffffff9,
  NORMAL: 0xfffffffa,
  FLOOD: 0xfffffffb,
  ALL: 0xfffffffc,
  CONTROLLER: 0xfffffffd,
  LOCAL: 0xfffffffe,
  ANY: 0xffffffff,
} as const

const NAMES = new Map<number, string>(Object.entries(PORT).map(([name, number]) => [number, name]))

export function reservedPortName(port: number): string | undefined {
  return NAMES.get(port)
}

/** By a name in any case; NONE is what OpenFlow 1.0 called ANY. */
export function reservedPort(name: string): number | undefined {
  return name.toUpperCase() === 'NONE'
    ? PORT.ANY
    : (PORT as Readonly<Record<string, number>>)[name.toUpperCase()]
}

const RESERVED_10 = 0xff00
const SHIFT_10 = 0xffff0000

/**
 * Open vSwitch writes ports as in OpenFlow 1.0, where the reserved ones are at the end of 16 bits; messages of later
 * versions have them at the end of 32. A number that fits neither stays as it is.
 */
export function narrowPort(port: number): number {
  return port >= SHIFT_10 + RESERVED_10 ? port - SHIFT_10 : port
}

/** The other way. */
export function widePort(port: number): number {
  return port >= RESERVED_10 && port <= 0xffff ? port + SHIFT_10 : port
}

/** Port, group and buffer fields that say "none". */
export const NO_BUFFER = 0xffffffff
export const ANY_GROUP = 0xffffffff
export const ALL_TABLES = 0xff

/** "The whole packet" in an output to CONTROLLER. */
export const WHOLE_PACKET = 0xffff

/** Reserved ports of OpenFlow 1.0, which Nicira's actions have too, are the last of 16 bits. */
const FIRST_RESERVED_16 = 0xff00
const RESERVED_OFFSET = 0xffff0000

/** "No port" in 16 bits. */
export const NO_PORT_16 = 0xffff

export function portOf16(port: number): number {
  return port >= FIRST_RESERVED_16 ? port + RESERVED_OFFSET : port
}

/** Undefined for a port that 16 bits cannot say. */
export function portTo16(port: number): number | undefined {
  if (port < FIRST_RESERVED_16) return port
  return port >= FIRST_RESERVED_16 + RESERVED_OFFSET ? port - RESERVED_OFFSET : undefined
}
