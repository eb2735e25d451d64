// A Network: one isolated layer-2 segment.
import { apiVersionSchema, metadataSchema } from './metadata.schema.js'

export const networkSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:reconcile:v1:network',
  title: 'Network',
  description:
    'An isolated layer-2 segment. Ports of one network reach each other; other networks only through a Router.',
  type: 'object',
  additionalProperties: false,
  required: ['apiVersion', 'kind', 'metadata', 'spec'],
  properties: {
    apiVersion: apiVersionSchema,
    kind: { const: 'Network', type: 'string', title: 'Kind', examples: ['Network'] },
    metadata: metadataSchema,
    spec: {
      type: 'object',
      title: 'Network specification',
      additionalProperties: false,
      required: ['segmentationId'],
      properties: {
        segmentationId: {
          type: 'integer',
          minimum: 1,
          maximum: 16777215,
          title: 'Segmentation id',
          description:
            'The number that keeps this network apart on the wire: the tunnel id (VNI) and the metadata of its flows. ' +
            '1 to 16777215 (24 bits), unique among all networks. Hexadecimal works too: `0x1f42`.',
          examples: [8002],
        },
      },
    },
  },
} as const
