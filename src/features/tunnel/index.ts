import { apply, goto, move, output } from '../../pipeline/actions.js'
import { type Feature, pipelineSlice } from '../../pipeline/feature.js'
import { flow } from '../../pipeline/flow.js'
import { inPort } from '../../pipeline/match.js'
import { INGRESS, TUNNEL } from '../../pipeline/stages.js'

/** Metadata and tunnel id do not cross a patch port; the packet mark does. */
const MARK_BITS = 32

interface TunnelFacts extends Record<string, number> {
  readonly patchPort: number
}

export const tunnel: Feature<TunnelFacts> = {
  name: 'tunnel',
  id: 13,
  class: 'pipeline',
  purpose: 'To and from the tunnel bridge the packet mark carries the segmentation id.',
  slices: ({ tunnelPort }) => (tunnelPort === undefined ? [] : pipelineSlice({ patchPort: tunnelPort })),
  flows: ({ patchPort }) => [
    flow(INGRESS, 'port', {
      match: [inPort(patchPort)],
      instructions: [apply(move('pkt_mark', 'metadata', MARK_BITS)), goto('layer2')],
    }),
    flow(TUNNEL, 'rest', {
      instructions: [apply(move('tun_id', 'pkt_mark', MARK_BITS), output(patchPort))],
    }),
  ],
}
