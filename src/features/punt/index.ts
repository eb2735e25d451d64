import type { Action } from '../../openflow/actions/actions.js'
import { reservedPortName } from '../../openflow/ports.js'
import { apply, TO_CONTROLLER } from '../../pipeline/actions.js'
import type { Feature } from '../../pipeline/feature.js'
import { flow } from '../../pipeline/flow.js'
import { inPort } from '../../pipeline/match.js'
import { PUNT } from '../../pipeline/stages.js'

interface PuntFacts extends Record<string, number> {
  readonly ofport: number
}

/**
 * A port's meter has the port's number: what one guest sends to us takes nothing away from the others. The bridge's own port
 * has a number that no meter may have (OpenFlow 1.5.1, section 7.3.4.5, OFPM_MAX), and belongs to the host itself.
 */
function meters(ofport: number): readonly Action[] {
  return reservedPortName(ofport) === undefined ? [{ type: 'meter', meterId: ofport }] : []
}

export const punt: Feature<PuntFacts> = {
  name: 'punt',
  id: 14,
  class: 'model',
  purpose:
    'A packet that the pipeline cannot decide goes to the controller, whatever flow of whatever network asked for it.',
  slices: ({ localPorts }) =>
    localPorts.map(({ port, ofport }) => ({ key: port.name, owner: port, facts: { ofport } })),
  flows: ({ ofport }) => [
    flow(PUNT, 'port', { match: [inPort(ofport)], instructions: [apply(...meters(ofport), TO_CONTROLLER)] }),
  ],
}
