// The shapes of what `-o json` prints, as README.md documents them. Objects are closed: a new field is added here, too.
import { Ajv, type JSONSchemaType, type Schema } from 'ajv'

const nullable = (type: string) => ({ type: [type, 'null'] })
const closed = (properties: Readonly<Record<string, unknown>>) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
})

const TIME = { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$' }
const COUNT = { type: 'integer', minimum: 0 }
const NO_COUNT = { type: ['integer', 'null'], minimum: 0 }

const END = closed({
  address: nullable('string'),
  mac: nullable('string'),
  segmentationId: nullable('integer'),
  ofport: nullable('integer'),
  interface: nullable('string'),
  port: nullable('string'),
  node: nullable('string'),
})

const DIRECTION = {
  oneOf: [
    { type: 'null' },
    closed({
      ...{ packets: NO_COUNT, bytes: NO_COUNT, duration: nullable('number') },
      ...{ idleTimeout: COUNT, hardTimeout: COUNT },
      ...{ idleAge: nullable('number'), idleLeft: nullable('number'), hardLeft: nullable('number') },
    }),
  ],
}

const CONNECTIONS = closed({
  bridge: { type: 'string' },
  version: { enum: ['1.3', '1.4', '1.5'] },
  connections: {
    type: 'array',
    items: closed({
      kind: { enum: ['connection', 'refused', 'fallback'] },
      since: { oneOf: [TIME, { type: 'null' }] },
      ...{ a: END, b: END, aToB: DIRECTION, bToA: DIRECTION },
    }),
  },
})

const TALLY = { type: 'object', additionalProperties: COUNT }

const COUNTERS = closed({
  bridge: { type: 'string' },
  since: TIME,
  packetIns: COUNT,
  verdicts: closed({
    ...{ sentOn: COUNT, notOurs: COUNT, notRemembered: COUNT, crowdedOut: COUNT },
    ...{ refused: TALLY, malformed: TALLY, answered: TALLY, installed: TALLY },
  }),
  ports: {
    oneOf: [
      { type: 'null' },
      {
        type: 'array',
        items: closed({
          ...{ port: { type: 'string' }, ofport: COUNT, spoofed: NO_COUNT, rateLimited: NO_COUNT },
        }),
      },
    ],
  },
  tunnel: { oneOf: [{ type: 'null' }, TALLY] },
})

const ajv = new Ajv({ allErrors: true, allowUnionTypes: true })

/** What is wrong with a value; empty where nothing is. */
const checker = (schema: Schema | JSONSchemaType<unknown>) => {
  const validate = ajv.compile(schema)
  return (value: unknown): readonly string[] =>
    validate(value) ? [] : (validate.errors ?? []).map((e) => `${e.instancePath} ${e.message ?? ''}`)
}

export const connectionsProblems = checker(CONNECTIONS)
export const countersProblems = checker(COUNTERS)
