// A Port: the place where a guest is plugged in.
import { apiVersionSchema, metadataSchema } from './metadata.schema.js'

const fixedIpsSchema = {
  type: 'array',
  title: 'Fixed addresses',
  description: 'The IPv4 addresses of the port. Other subnets are reached from these only.',
  items: {
    type: 'object',
    title: 'Fixed address',
    additionalProperties: false,
    required: ['subnet', 'ipAddress'],
    properties: {
      subnet: {
        type: 'string',
        title: 'Subnet',
        description: 'Name of a Subnet of the same network.',
        examples: ['net1-v4'],
      },
      ipAddress: {
        type: 'string',
        title: 'IP address',
        description: 'IPv4 address inside that subnet.',
        examples: ['10.1.0.3'],
      },
    },
  },
} as const

const allowedAddressPairsSchema = {
  type: 'array',
  title: 'Allowed address pairs',
  description:
    'Further addresses that the guest may send from: a virtual address, or the prefixes behind it.',
  items: {
    type: 'object',
    title: 'Allowed address pair',
    additionalProperties: false,
    required: ['ipAddress'],
    properties: {
      ipAddress: {
        type: 'string',
        title: 'IP address or prefix',
        description:
          'IPv4 address, or a prefix of them. Addresses of gateways and routers in it stay forbidden.',
        examples: ['10.1.0.100', '192.168.7.0/24'],
      },
      macAddress: {
        type: 'string',
        title: 'MAC address',
        description: 'MAC address that it sends them from. Default: that of the port.',
        examples: ['00:00:5e:00:01:0a'],
      },
    },
  },
} as const

export const portSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:reconcile:v1:port',
  title: 'Port',
  description: 'The place where a virtual machine or container is plugged into a Network.',
  type: 'object',
  additionalProperties: false,
  required: ['apiVersion', 'kind', 'metadata', 'spec'],
  properties: {
    apiVersion: apiVersionSchema,
    kind: { const: 'Port', type: 'string', title: 'Kind', examples: ['Port'] },
    metadata: metadataSchema,
    spec: {
      type: 'object',
      title: 'Port specification',
      additionalProperties: false,
      required: ['network'],
      properties: {
        network: {
          type: 'string',
          title: 'Network',
          description: 'Name of the Network that the port is on.',
          examples: ['net1'],
        },
        macAddress: {
          type: 'string',
          title: 'MAC address',
          description:
            'MAC address of the guest, unique in its network. Default: derived from the name of the port.',
          examples: ['fa:16:3e:00:17:e6'],
        },
        fixedIps: fixedIpsSchema,
        portSecurity: {
          type: 'boolean',
          title: 'Port security',
          description:
            'May the guest send from its own addresses only? Default: true. With false it may send anything, and its ' +
            'drops are not counted.',
          examples: [false],
        },
        allowedAddressPairs: allowedAddressPairsSchema,
        host: {
          type: 'string',
          title: 'Host',
          description: 'Name of the Node that the guest runs on. Absent: wherever its interface shows up.',
          examples: ['node-a'],
        },
        interface: {
          type: 'string',
          title: 'Interface',
          description: 'Name of the Open vSwitch interface, 1 to 15 characters. Not together with ifaceId.',
          examples: ['tap-vm1'],
        },
        ifaceId: {
          type: 'string',
          title: 'Interface id',
          description:
            'Matches `external_ids:iface-id` of the Open vSwitch interface. Not together with interface. Default, when ' +
            'neither is given: the name of the port.',
          examples: ['vm1'],
        },
      },
    },
  },
} as const
