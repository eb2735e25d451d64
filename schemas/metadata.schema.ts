// The header that every manifest shares. Written as constants, so that types and validators both come from here.

export const apiVersionSchema = {
  const: 'reconcile/v1',
  type: 'string',
  title: 'API version',
  description: 'The version of the manifest format: always `reconcile/v1`.',
  examples: ['reconcile/v1'],
} as const

export const metadataSchema = {
  type: 'object',
  title: 'Metadata',
  description: 'What the object is called, and notes about it.',
  additionalProperties: false,
  required: ['name'],
  properties: {
    name: {
      type: 'string',
      title: 'Name',
      description:
        'Unique among the objects of its kind; other objects refer to it by this name. An RFC 1123 label: lower-case ' +
        'letters, digits and `-`, at most 63 characters, a letter or digit at both ends. A Node name may contain dots.',
      examples: ['net1'],
    },
    labels: {
      type: 'object',
      title: 'Labels',
      description: 'Key and value pairs to select and group objects by. No meaning for the switch.',
      additionalProperties: { type: 'string' },
      examples: [{ team: 'blue' }],
    },
    annotations: {
      type: 'object',
      title: 'Annotations',
      description: 'Key and value pairs for people and other programs. Never looked at here.',
      additionalProperties: { type: 'string' },
      examples: [{ owner: 'network@example.com' }],
    },
  },
} as const
