// A Node: a machine with a switch.
import { apiVersionSchema, metadataSchema } from './metadata.schema.js'

export const nodeSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:reconcile:v1:node',
  title: 'Node',
  description: 'A machine that runs Open vSwitch and is joined to the other nodes by tunnels.',
  type: 'object',
  additionalProperties: false,
  required: ['apiVersion', 'kind', 'metadata', 'spec'],
  properties: {
    apiVersion: apiVersionSchema,
    kind: { const: 'Node', type: 'string', title: 'Kind', examples: ['Node'] },
    metadata: metadataSchema,
    spec: {
      type: 'object',
      title: 'Node specification',
      additionalProperties: false,
      required: ['tunnelIp', 'encapsulation'],
      properties: {
        tunnelIp: {
          type: 'string',
          title: 'Tunnel address',
          description: 'IPv4 address at which the other nodes reach this one, unique among nodes.',
          examples: ['192.0.2.11'],
        },
        encapsulation: {
          type: 'string',
          enum: ['geneve', 'vxlan', 'gre'],
          title: 'Encapsulation',
          description: 'How frames travel between nodes. All nodes use the same.',
          examples: ['geneve'],
        },
      },
    },
  },
} as const
