// What can go wrong, one record each: where it strikes, what it may cost, and how it is done. A fault ends by itself: what
// it stopped goes on, what it spoiled is restored; what it leaves wrong is for the daemon to mend.
import { setTimeout as sleep } from 'node:timers/promises'
import { CONNECTION_FAULTS, DAEMON_FAULTS, SWITCH_FAULTS } from './faults-processes.js'
import { FLOW_FAULTS, PORT_FAULTS, PORT_SWAP } from './faults-switch.js'
import { MANIFEST_FAULTS } from './faults-manifests.js'
import type { Fault } from './fault.js'

/** Nothing happens: what the machine itself loses and delays. */
const NOTHING: Fault = {
  name: 'nothing',
  uses: [],
  costs: 'none',
  strike: () => sleep(500),
}

/** Faults that are drawn. */
export const FAULTS: readonly Fault[] = [
  NOTHING,
  ...DAEMON_FAULTS,
  ...CONNECTION_FAULTS,
  ...SWITCH_FAULTS,
  ...FLOW_FAULTS,
  ...PORT_FAULTS,
  ...MANIFEST_FAULTS,
]

/** With those that are not drawn unless they are asked for by name: Open vSwitch itself breaks the isolation by them. */
export const ALL_FAULTS: readonly Fault[] = [...FAULTS, PORT_SWAP]
