// A Router: joins subnets.
import { apiVersionSchema, metadataSchema } from './metadata.schema.js'

export const routerSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:reconcile:v1:router',
  title: 'Router',
  description: 'Joins subnets: hosts of any two subnets on one router reach each other.',
  type: 'object',
  additionalProperties: false,
  required: ['apiVersion', 'kind', 'metadata', 'spec'],
  properties: {
    apiVersion: apiVersionSchema,
    kind: { const: 'Router', type: 'string', title: 'Kind', examples: ['Router'] },
    metadata: metadataSchema,
    spec: {
      type: 'object',
      title: 'Router specification',
      additionalProperties: false,
      required: ['interfaces'],
      properties: {
        interfaces: {
          type: 'array',
          title: 'Interfaces',
          description: 'The subnets that the router joins, each at most once.',
          items: {
            type: 'object',
            title: 'Router interface',
            additionalProperties: false,
            required: ['subnet'],
            properties: {
              subnet: {
                type: 'string',
                title: 'Subnet',
                description: 'Name of the Subnet that the interface is in.',
                examples: ['net1-v4'],
              },
              ipAddress: {
                type: 'string',
                title: 'IP address',
                description: 'IPv4 address of the interface. Default: the gatewayIp of the subnet.',
                examples: ['10.1.0.1'],
              },
              macAddress: {
                type: 'string',
                title: 'MAC address',
                description:
                  'MAC address of the interface. Default: derived from the names of the router and the subnet.',
                examples: ['fa:16:3e:c0:8d:8b'],
              },
            },
          },
        },
      },
    },
  },
} as const
