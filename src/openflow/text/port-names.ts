// Port numbers and names in flow text. Reserved ports have names of their own; others have those the caller knows.
import { narrowPort, PORT, reservedPort, reservedPortName, widePort } from '../ports.js'

/** Names of a switch's ports, both ways. */
export interface PortNames {
  readonly nameOf: (port: number) => string | undefined
  readonly portOf: (name: string) => number | undefined
}

/** A switch of which no name is known: ports are numbers. */
export const NO_NAMES: PortNames = { nameOf: () => undefined, portOf: () => undefined }

export function portNames(names: Iterable<readonly [name: string, port: number]>): PortNames {
  const byName = new Map(names)
  const byPort = new Map([...byName].map(([name, port]) => [port, name]))
  return { nameOf: (port) => byPort.get(port), portOf: (name) => byName.get(name) }
}

/**
 * `LOCAL`, `eth0`, `"tap-vm1"` or `11`. Names are quoted as `ovs-ofctl --names` quotes them: when they are not a letter
 * followed by letters and digits. A name that is also that of a reserved port is quoted too, so that it means the port.
 */
export function renderPort(port: number, names: PortNames): string {
  const reserved = reservedPortName(port)
  if (reserved !== undefined) return reserved
  const name = names.nameOf(port)
  if (name === undefined) return renderNumber(port)
  return /^[A-Za-z][A-Za-z0-9]*$/.test(name) && reservedPort(name) === undefined ? name : JSON.stringify(name)
}

/** A number that would read as a reserved port of OpenFlow 1.0 is written in hexadecimal digits instead. */
function renderNumber(port: number): string {
  return widePort(port) === port ? String(narrowPort(port)) : `0x${port.toString(16)}`
}

/** Text to port number; undefined when it is neither a number nor a known name. What is in quotes is a name. */
export function parsePort(text: string, names: PortNames): number | undefined {
  if (text === '' || text === '""') return undefined
  if (text.startsWith('"')) return portOfQuoted(text, names)
  if (!/^(0x[0-9a-f]+|[0-9]+)$/i.test(text)) return reservedPort(text) ?? names.portOf(text)
  const port = /^0x/i.test(text) ? Number(text) : widePort(Number(text))
  return port <= PORT.ANY ? port : undefined
}

function portOfQuoted(text: string, names: PortNames): number | undefined {
  try {
    return names.portOf(JSON.parse(text) as string)
  } catch {
    return undefined
  }
}
