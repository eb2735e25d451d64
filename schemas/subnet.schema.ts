// A Subnet: an IPv4 prefix on a network.
import { apiVersionSchema, metadataSchema } from './metadata.schema.js'

export const subnetSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:reconcile:v1:subnet',
  title: 'Subnet',
  description: 'An IPv4 prefix on a Network. Subnets of one network, or on one router, do not overlap.',
  type: 'object',
  additionalProperties: false,
  required: ['apiVersion', 'kind', 'metadata', 'spec'],
  properties: {
    apiVersion: apiVersionSchema,
    kind: { const: 'Subnet', type: 'string', title: 'Kind', examples: ['Subnet'] },
    metadata: metadataSchema,
    spec: {
      type: 'object',
      title: 'Subnet specification',
      additionalProperties: false,
      required: ['network', 'cidr'],
      properties: {
        network: {
          type: 'string',
          title: 'Network',
          description: 'Name of the Network that the subnet is on.',
          examples: ['net1'],
        },
        cidr: {
          type: 'string',
          title: 'CIDR',
          description: 'The IPv4 prefix, with no host bits set: `10.1.0.0/24`.',
          examples: ['10.1.0.0/24'],
        },
        gatewayIp: {
          type: 'string',
          title: 'Gateway address',
          description:
            'The address that hosts of the subnet use as their gateway. Default: the first host of the CIDR.',
          examples: ['10.1.0.1'],
        },
      },
    },
  },
} as const
