import { fc, test } from '@fast-check/jest'
import { describe, expect } from '@jest/globals'
import { ReconcileError } from '../../src/errors/error.js'
import { decode, encode } from '../../src/openflow/codec.js'
import { MessageFramer } from '../../src/openflow/framing.js'
import type { FlowMod } from '../../src/openflow/messages/flow-mod.js'
import type { MessageOf } from '../../src/openflow/messages/messages.js'
import { OPENFLOW_13, OPENFLOW_15, VERSIONS, type Version } from '../../src/openflow/version.js'
import { type Hex, zeroHex } from '../../src/values/hex.js'
import { flowVectors, messageVectors, rawVectors } from '../golden/openflow/vectors.js'
import { action, flow, hex, match, u16, u32, u8 } from '../support/flows.js'

const recorded = [
  ...messageVectors.map(({ message_hex }) => message_hex),
  ...[...flowVectors, ...rawVectors].flatMap(({ flow_mod_hex }) => flow_mod_hex ?? []),
].map((digits) => Buffer.from(digits, 'hex'))

const OUTCOMES = new Set(['record', 'malformed'])

/** What decoding did with bytes: gave a record, or threw the one typed error. Anything else is thrown on. */
function outcome(bytes: Buffer): 'record' | 'malformed' {
  try {
    decode(bytes)
    return 'record'
  } catch (error) {
    if (error instanceof ReconcileError && error.code === 'OPENFLOW_MALFORMED') return 'malformed'
    throw error
  }
}

/** One recorded message of each shape: header, and the kinds of records in it. The rest differ in numbers alone. */
const shapes = [...new Map(recorded.map((bytes) => [shapeOf(bytes), bytes])).values()]

function shapeOf(bytes: Buffer): string {
  const kind = bytes.toString('hex', 0, 2) + (isTyped(bytes) ? bytes.toString('hex', 8, 16) : '')
  if (outcome(bytes) === 'malformed') return kind
  return [kind, ...(JSON.stringify(decode(bytes)).match(/"type":"\w+"/g) ?? [])].join()
}

/** Multipart and experimenter messages say what they are behind the header. */
function isTyped(bytes: Buffer): boolean {
  return [4, 18, 19].includes(bytes.readUInt8(1))
}

/** With the length in the header made true, so that what lies inside is reached. */
function framed(bytes: Buffer): Buffer {
  bytes.writeUInt16BE(bytes.length, 2)
  return bytes
}

describe('bytes that are not whole', () => {
  test('of any recorded message, cut anywhere, are a record or a typed error', () => {
    const seen = new Set<string>()
    for (const whole of shapes) {
      for (let length = 0; length < whole.length; length++) {
        const cut = Buffer.from(whole.subarray(0, length))
        seen.add(outcome(cut))
        if (length >= 4) seen.add(outcome(framed(cut)))
      }
    }
    expect(seen).toEqual(OUTCOMES)
  })

  test('are refused when the header claims more or less', () => {
    for (const whole of shapes) {
      expect(() => decode(whole.subarray(0, -1))).toThrow(ReconcileError)
      expect(() => decode(Buffer.concat([whole, Buffer.alloc(1)]))).toThrow(ReconcileError)
    }
  })
})

describe('bytes that lie', () => {
  // 00 and ff are the lengths that would stand still or run away; the flipped bits are near misses.
  const lies = [
    () => 0x00,
    () => 0xff,
    (byte: number) => byte ^ 0x01,
    (byte: number) => byte ^ 0x80,
    (byte: number) => byte ^ 0x04,
  ]

  test.each(lies.map((lie, i) => [i, lie] as const))(
    'anywhere in any recorded message, way %i, are a record or a typed error',
    (_, lie) => {
      const seen = new Set<string>()
      for (const whole of shapes) {
        for (let at = 0; at < whole.length; at++) {
          const bytes = Buffer.from(whole)
          bytes.writeUInt8(lie(bytes.readUInt8(at)), at)
          seen.add(outcome(bytes))
        }
      }
      expect(seen).toEqual(OUTCOMES)
    },
  )

  test.prop(
    [fc.constantFrom(...recorded), fc.array(fc.tuple(fc.nat(), u8), { minLength: 1, maxLength: 8 })],
    { numRuns: 1000 },
  )('in several places of any recorded message are a record or a typed error', (whole, changes) => {
    const bytes = Buffer.from(whole)
    for (const [place, value] of changes) bytes.writeUInt8(value, place % bytes.length)
    expect(OUTCOMES).toContain(outcome(framed(bytes)))
  })

  test.prop([fc.constantFrom(4, 5, 6, 1), fc.nat({ max: 35 }), fc.uint8Array({ maxLength: 120 })], {
    numRuns: 1000,
  })('behind any header are a record or a typed error', (version, type, body) => {
    const header = Buffer.from([version, type, 0, 0, 0, 0, 0, 0])
    expect(OUTCOMES).toContain(outcome(framed(Buffer.concat([header, body]))))
  })

  test('a length of zero in a list of 65,535 bytes ends at once', () => {
    const start = performance.now()
    for (const type of [0, 14, 13, 19, 28]) {
      const bytes = Buffer.alloc(0xffff)
      bytes.set([0x06, type])
      expect(OUTCOMES).toContain(outcome(framed(bytes)))
    }
    expect(performance.now() - start).toBeLessThan(500)
  })
})

const flowMod: fc.Arbitrary<FlowMod> = fc
  .tuple(
    flow,
    fc.record({
      cookieMask: hex(8),
      command: fc.nat({ max: 4 }),
      bufferId: u32,
      outPort: u32,
      outGroup: u32,
    }),
  )
  .map(([of, rest]) => ({ ...of, ...rest }))

/** What a switch may say of a flow, or leave out. */
const stats = fc
  .tuple(
    fc.option(fc.record({ durationSec: u32, durationNsec: u32 }), { nil: {} }),
    fc.option(fc.record({ idleSec: u32, idleNsec: u32 }), { nil: {} }),
    fc.record({ packetCount: hex(8), byteCount: hex(8), flowCount: u32 }, { requiredKeys: [] }),
    fc.constantFrom({}, { others: '80020c04000000ff' as Hex }),
  )
  .map(([age, idle, counts, others]) => ({ ...age, ...idle, ...counts, ...others }))

function sayable({ importance, ...rest }: FlowMod, version: Version): MessageOf<'flow_mod'> {
  return { type: 'flow_mod', ...rest, importance: version === OPENFLOW_13 ? 0 : importance }
}

describe('a record', () => {
  test.prop([flowMod, fc.constantFrom(...VERSIONS), u32])(
    'of a flow-mod is what decoding its bytes gives',
    (made, version, xid) => {
      const message = sayable(made, version)
      expect(decode(encode(version, xid, message))).toEqual({ version, xid, message })
    },
  )

  test.prop([flowMod, fc.constantFrom(...VERSIONS)])(
    'of a flow-mod has the same bytes when it has been decoded',
    (made, version) => {
      const bytes = encode(version, 1, sayable(made, version))
      expect(encode(version, 1, decode(bytes).message)).toEqual(bytes)
    },
  )

  test.prop([u16, fc.array(flow, { maxLength: 4 }), stats, fc.constantFrom(...VERSIONS)])(
    'of a part of a dump is what decoding its bytes gives',
    (flags, flows, said, version) => {
      const counters =
        version === OPENFLOW_15
          ? { stats: said }
          : { durationSec: 0, durationNsec: 0, packetCount: zeroHex(8), byteCount: zeroHex(8) }
      const entries = flows.map((of) => ({
        ...of,
        ...counters,
        importance: version === OPENFLOW_13 ? 0 : of.importance,
      }))
      const message: MessageOf<'flow_stats_reply'> = { type: 'flow_stats_reply', flags, flows: entries }
      expect(decode(encode(version, 1, message)).message).toEqual(message)
    },
  )

  test.prop([match, fc.array(action, { maxLength: 4 }), fc.uint8Array({ maxLength: 64 })])(
    'of a packet-out is what decoding its bytes gives',
    (fields, actions, data) => {
      const message: MessageOf<'packet_out'> = {
        type: 'packet_out',
        bufferId: 0xffffffff,
        match: fields,
        actions,
        data: Buffer.from(data),
      }
      expect(decode(encode(OPENFLOW_15, 1, message)).message).toEqual(message)
    },
  )

  test.prop([fc.array(fc.nat({ max: 31 }))])('of a hello names the same versions', (versions) => {
    const { message } = decode(encode(OPENFLOW_15, 0, { type: 'hello', versions }))
    expect(message).toEqual({ type: 'hello', versions: [...new Set(versions)].sort((a, b) => a - b) })
  })
})

describe('a stream cut into messages', () => {
  const stream = fc.array(fc.constantFrom(...recorded), { minLength: 1, maxLength: 8 })

  test.prop([stream, fc.array(fc.nat({ max: 300 }))])(
    'gives the same messages wherever it is cut',
    (messages, sizes) => {
      const bytes = Buffer.concat(messages)
      const framer = new MessageFramer()
      const got: Buffer[] = []
      let at = 0
      for (const size of [...sizes, bytes.length]) {
        got.push(...framer.push(bytes.subarray(at, at + size)))
        at += size
      }
      expect(Buffer.concat(got)).toEqual(bytes)
      expect(got.map(({ length }) => length)).toEqual(messages.map(({ length }) => length))
    },
  )

  test.prop([stream])('gives each message with its last byte', (messages) => {
    const framer = new MessageFramer()
    for (const message of messages) {
      expect(framer.push(message.subarray(0, -1))).toEqual([])
      expect(framer.push(message.subarray(-1))).toEqual([message])
    }
  })

  test.prop([fc.nat({ max: 7 })])('ends at a length that no header fits in', (length) => {
    const bytes = Buffer.from([6, 2, 0, length, 0, 0, 0, 0])
    expect(() => new MessageFramer().push(bytes)).toThrow(
      expect.objectContaining({ code: 'OPENFLOW_MALFORMED' }),
    )
  })
})
