// Any manifest, whatever its kind: the shape that a document is held against while its kind is not known.
import { apiVersionSchema, metadataSchema } from './metadata.schema.js'

export const documentSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:reconcile:v1:document',
  title: 'Manifest',
  description: 'One object of the desired network.',
  type: 'object',
  additionalProperties: false,
  required: ['apiVersion', 'kind', 'metadata', 'spec'],
  properties: {
    apiVersion: apiVersionSchema,
    kind: {
      type: 'string',
      enum: ['Network', 'Subnet', 'Router', 'Port', 'Node'],
      title: 'Kind',
      description: 'What sort of object this is.',
      examples: ['Network'],
    },
    metadata: metadataSchema,
    spec: { type: 'object', title: 'Specification', description: 'What the object should be.' },
  },
} as const
