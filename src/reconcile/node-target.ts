// Where the bridges of one node are.
import type { SwitchTarget } from './switch-link.js'

export interface NodeTarget {
  /** Undefined: the Node named as the host. */
  readonly node: string | undefined
  readonly integration: SwitchTarget
  /** Undefined where nobody knows where it would listen. */
  readonly tunnel: SwitchTarget | undefined
  /** Is the switch on the host of this program? What the addresses of the host are tells something then. */
  readonly isThisHost: boolean
  /** What people call a bridge: its name, and before it that of the node where there are several. */
  readonly titleOf: (bridge: string) => string
}
