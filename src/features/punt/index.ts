import { apply, TO_CONTROLLER } from '../../pipeline/actions.js'
import type { Feature } from '../../pipeline/feature.js'
import { flow } from '../../pipeline/flow.js'
import { inPort } from '../../pipeline/match.js'
import { PUNT } from '../../pipeline/stages.js'

interface PuntFacts extends Record<string, number> {
  readonly ofport: number
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
    flow(PUNT, 'port', { match: [inPort(ofport)], instructions: [apply(TO_CONTROLLER)] }),
  ],
}
