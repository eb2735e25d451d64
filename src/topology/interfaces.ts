// The switch's side of a port: an interface of the bridge, as OVSDB tells it or, with no switch, as the manifests suppose.
import type { Port } from '../manifest/model.js'

export interface SwitchInterface {
  readonly name: string
  /** OVSDB's interface type: '' for a device, `internal`, `patch`, … */
  readonly type: string
  /** OpenFlow port number; undefined while the switch has given none. */
  readonly ofport: number | undefined
  /** external_ids:iface-id */
  readonly ifaceId: string | undefined
  /** external_ids:attached-mac */
  readonly attachedMac: string | undefined
  /** Of the device, in bytes; undefined where it has none or nobody tells. */
  readonly mtu?: number | undefined
  /** Why the switch could not open the device. */
  readonly error: string | undefined
}

/** The name by which a port is known where no switch tells its number. */
export function interfaceName(port: Port): string {
  return port.interface ?? port.ifaceId ?? port.name
}
