// OpenFlow versions by their number on the wire. Layouts that differ between versions differ by data (see `since`).

export const OPENFLOW_13 = 0x04
export const OPENFLOW_14 = 0x05
export const OPENFLOW_15 = 0x06

/** Versions this codec speaks, best first. */
export const VERSIONS = [OPENFLOW_15, OPENFLOW_14, OPENFLOW_13] as const

export type Version = (typeof VERSIONS)[number]

export function isVersion(wire: number): wire is Version {
  return VERSIONS.some((version) => version === wire)
}

/** `1.5`, `1.3`; for a number nobody gave a meaning, the number. */
export function renderVersion(wire: number): string {
  return wire >= 0x01 && wire <= 0x06 ? `1.${wire - 1}` : `0x${wire.toString(16)}`
}
