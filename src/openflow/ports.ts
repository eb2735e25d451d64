// Reserved port numbers (OpenFlow 1.5.1, section 7.2.1.1) with the names ovs-ofctl gives them.

export const PORT = {
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

export function reservedPort(name: string): number | undefined {
  return (PORT as Readonly<Record<string, number>>)[name.toUpperCase()]
}

/** Port, group and buffer fields that say "none". */
export const NO_BUFFER = 0xffffffff
export const ANY_GROUP = 0xffffffff
export const ALL_TABLES = 0xff

/** "The whole packet" in an output to CONTROLLER. */
export const WHOLE_PACKET = 0xffff
