import { DROP } from '../../pipeline/actions.js'
import { type Feature, pipelineSlice } from '../../pipeline/feature.js'
import { flow } from '../../pipeline/flow.js'
import { CANARY } from '../../pipeline/stages.js'

export const canary: Feature = {
  name: 'canary',
  id: 1,
  class: 'pipeline',
  purpose: "Neutron's canary: a flow whose absence says that the switch was restarted.",
  slices: () => pipelineSlice({}),
  flows: () => [flow(CANARY, 'canary', { instructions: DROP })],
}
