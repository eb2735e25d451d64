import { describe, expect, test } from '@jest/globals'
import { decode } from '../../../../src/openflow/codec.js'
import { renderErrorName } from '../../../../src/openflow/messages/error-names.js'
import type { MessageOf } from '../../../../src/openflow/messages/messages.js'
import { messageVectors, rawVectors } from '../../../golden/openflow/vectors.js'

function read(bytes: Buffer): MessageOf<'error'> {
  bytes.writeUInt16BE(bytes.length, 2)
  const { message } = decode(bytes)
  if (message.type !== 'error') throw new Error(`a ${message.type}`)
  return message
}

describe('the name of an error', () => {
  const recorded = messageVectors.flatMap(({ message_hex, text }) => {
    const name = /^OFPT_ERROR .*: (OFP[A-Z_]+)/.exec(text)?.[1]
    return name === undefined ? [] : [[name, read(Buffer.from(message_hex, 'hex'))] as const]
  })
  // Of these, the first 12 bytes alone were kept; the two with an experimenter are the ONF's.
  const raw = rawVectors
    .filter(({ error_hex }) => error_hex !== null)
    .map(({ error_hex, error_text }) => {
      const isExperimenter = error_hex?.startsWith('ffff', 16) === true
      return [
        error_text ?? '',
        read(Buffer.from(`${error_hex ?? ''}${isExperimenter ? '4f4e4600' : ''}`, 'hex')),
      ] as const
    })

  test.each([...recorded, ...raw])('%s is the one that ovs-ofctl prints', (name, error) => {
    expect(renderErrorName(error)).toBe(name)
  })

  test('of Nicira, for what the version cannot say, stands in its data; the version byte is odd', () => {
    const bytes = Buffer.from('0101001400000001b0c200000000232000010206', 'hex')
    expect(decode(bytes).version).toBe(0x01)
    expect(renderErrorName(read(bytes))).toBe('OFPMOFC_BAD_FLAGS')
  })

  test.each([
    [2313, 0x4f4e4600, 'OFPBFC_MSG_FAILED'],
    [20, 0x00002320, 'NXTTMFC_ALREADY_MAPPED'],
  ])('of an experimenter, code %i of %i, is %s', (errorCode, experimenter, name) => {
    expect(renderErrorName({ errorType: 0xffff, errorCode, experimenter })).toBe(name)
  })

  test.each([
    [99, 1],
    [4, 99],
    [0xb0c2, 0],
  ])('that nobody gave is its numbers: type %i, code %i', (errorType, errorCode) => {
    expect(renderErrorName({ errorType, errorCode })).toBe(`error type ${errorType} code ${errorCode}`)
  })
})
