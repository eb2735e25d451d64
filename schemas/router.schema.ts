// A Router: joins subnets.
import { apiVersionSchema, metadataSchema } from './metadata.schema.js'

const routesSchema = {
  type: 'array',
  title: 'Static routes',
  description: 'Prefixes that lie behind a host of one of the subnets. The longest prefix wins.',
  items: {
    type: 'object',
    title: 'Static route',
    additionalProperties: false,
    required: ['destination', 'nextHop'],
    properties: {
      destination: {
        type: 'string',
        title: 'Destination',
        description: 'IPv4 prefix; 0.0.0.0/0 is the default route.',
        examples: ['192.168.7.0/24', '0.0.0.0/0'],
      },
      nextHop: {
        type: 'string',
        title: 'Next hop',
        description: 'IPv4 address of a port in a subnet of the router.',
        examples: ['10.1.0.3'],
      },
    },
  },
} as const

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
        forwarding: {
          type: 'string',
          enum: ['reactive', 'proactive'],
          title: 'Forwarding',
          description:
            'reactive (default): the first packet between two hosts comes to the controller, which installs flows for them. ' +
            'proactive: all routes are installed ahead, and no packet comes to it.',
          examples: ['proactive'],
        },
        routes: routesSchema,
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
