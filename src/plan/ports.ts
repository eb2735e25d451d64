// Ports that have to be made or set right in OVSDB: a change in, the words for it out.

/** What OVSDB has of a port's interface. */
export interface PortSettings {
  readonly type: string
  readonly options: Readonly<Record<string, string>>
}

export interface PortChange {
  readonly kind: 'add-port' | 'set-port'
  readonly port: PortSettings & { readonly bridge: string; readonly name: string }
  /** Of a port that is set right. */
  readonly was?: PortSettings
}

/** `port tun in br-tun (type=geneve, key=flow, remote_ip=flow)` */
export function describePort({ bridge, name, ...settings }: PortChange['port']): string {
  return `port ${name} in ${bridge} (${describePortSettings(settings)})`
}

export function describePortSettings({ type, options }: PortSettings): string {
  const sorted = Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1))
  return [`type=${type}`, ...sorted.map(([key, value]) => `${key}=${value}`)].join(', ')
}
