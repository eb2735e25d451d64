import { describe, expect, test } from '@jest/globals'
import type { Action } from '../../../src/openflow/actions/actions.js'
import { decode, encode, encodeBundleAdds } from '../../../src/openflow/codec.js'
import type { MessageOf } from '../../../src/openflow/messages/messages.js'
import { OPENFLOW_13, OPENFLOW_14, OPENFLOW_15 } from '../../../src/openflow/version.js'
import type { Hex } from '../../../src/values/hex.js'
import { addOf, flowOf } from '../../support/flow-text.js'

const outputs = (count: number): Action[] =>
  Array.from({ length: count }, (_, port) => ({ type: 'output', port, maxLen: 0 }))

function packetOut(match: readonly string[], actions: readonly Action[] = []): MessageOf<'packet_out'> {
  const fields = match.map((field) => ({ field, value: '0000000b' as Hex }))
  return { type: 'packet_out', bufferId: 0xffffffff, match: fields, actions, data: Buffer.from('frame') }
}

describe('a message that does not fit in 65535 bytes', () => {
  test.each([4092, 4096, 10_000])('because of %i actions cannot be sent, and says why', (count) => {
    const flow = {
      ...flowOf('actions=drop'),
      instructions: [{ type: 'apply_actions' as const, actions: outputs(count) }],
    }
    expect(() => encode(OPENFLOW_15, 1, addOf(flow))).toThrow(
      expect.objectContaining({ code: 'MESSAGE_TOO_LONG', remedy: expect.stringContaining('65535') }),
    )
  })

  test('with one action less can', () => {
    const flow = {
      ...flowOf('actions=drop'),
      instructions: [{ type: 'apply_actions' as const, actions: outputs(4091) }],
    }
    const bytes = encode(OPENFLOW_15, 1, addOf(flow))
    expect(bytes.length).toBe(48 + 8 + 8 + 4091 * 16)
    expect(decode(bytes).message).toMatchObject({ instructions: flow.instructions })
  })
})

describe('a version', () => {
  test('that nobody speaks is no reason to drop an error', () => {
    const error = encode(OPENFLOW_15, 9, { type: 'error', errorType: 1, errorCode: 1, data: Buffer.alloc(0) })
    error.writeUInt8(0x01, 0)
    expect(decode(error)).toMatchObject({
      version: 1,
      xid: 9,
      message: { type: 'error', errorType: 1, errorCode: 1 },
    })
  })

  test('without importance leaves it out', () => {
    const flow = { ...flowOf('actions=drop'), importance: 7 }
    expect(decode(encode(OPENFLOW_15, 1, addOf(flow))).message).toMatchObject({ importance: 7 })
    expect(decode(encode(OPENFLOW_13, 1, addOf(flow))).message).toMatchObject({ importance: 0 })
  })

  test('says a bundle natively or as an extension', () => {
    const control = { type: 'bundle_control', bundleId: 1, control: 0, flags: 3 } as const
    expect(encode(OPENFLOW_15, 1, control).toString('hex')).toBe('062100100000000100000001' + '00000003')
    expect(encode(OPENFLOW_13, 1, control).toString('hex')).toBe(
      '0404001800000001' + '4f4e4600000008fc' + '0000000100000003',
    )
  })

  test.each([OPENFLOW_15, OPENFLOW_14, OPENFLOW_13])(
    'says the adds of a bundle one behind the other, in version %d',
    (version) => {
      const bundle = { bundleId: 9, flags: 3 }
      const messages = ['ip actions=drop', 'ip,nw_dst=10.1.0.3 actions=output:7'].map((text) =>
        addOf(flowOf(text)),
      )
      const each = messages.map((message, i) =>
        encode(version, 5 + i, { type: 'bundle_add', ...bundle, message: encode(version, 5 + i, message) }),
      )
      expect(encodeBundleAdds(version, 5, bundle, messages)).toEqual(Buffer.concat(each))
    },
  )
})

describe('a packet-out', () => {
  test('of 1.5 carries pipeline fields', () => {
    expect(decode(encode(OPENFLOW_15, 1, packetOut(['in_port', 'reg0']))).message).toEqual(
      packetOut(['in_port', 'reg0']),
    )
  })

  test('of 1.3 carries in_port and no other field', () => {
    expect(decode(encode(OPENFLOW_13, 1, packetOut(['in_port'], outputs(2)))).message).toEqual(
      packetOut(['in_port'], outputs(2)),
    )
    expect(() => encode(OPENFLOW_13, 1, packetOut(['in_port', 'reg0']))).toThrow('in_port and no other field')
    expect(() => encode(OPENFLOW_13, 1, packetOut([]))).toThrow('in_port and no other field')
  })
})

test('a message of a kind that is not known keeps its bytes', () => {
  const bytes = Buffer.from('0663000c00000001deadbeef', 'hex')
  const { message } = decode(bytes)
  expect(message).toEqual({ type: 'unknown', code: 0x63, body: Buffer.from('deadbeef', 'hex') })
  expect(encode(OPENFLOW_15, 1, message)).toEqual(bytes)
})
