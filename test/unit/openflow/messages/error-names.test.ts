import { describe, expect, test } from '@jest/globals'
import { decode } from '../../../../src/openflow/codec.js'
import { renderErrorName } from '../../../../src/openflow/messages/error-names.js'
import { messageVectors, rawVectors } from '../../../golden/openflow/vectors.js'

describe('the name of an error', () => {
  // An experimenter's error (type 0xffff) has its number somewhere else.
  const recorded = messageVectors.flatMap(({ message_hex, text }) => {
    const name = /^OFPT_ERROR .*: (OFP[A-Z_]+)/.exec(text)?.[1]
    if (name === undefined) return []
    const { message } = decode(Buffer.from(message_hex, 'hex'))
    if (message.type !== 'error' || message.errorType === 0xffff) return []
    return [[name, message.errorType, message.errorCode] as const]
  })
  const raw = rawVectors
    .filter(({ error_hex }) => error_hex !== null && !error_hex.startsWith('ffff', 16))
    .map(({ error_hex, error_text }) => {
      const bytes = Buffer.from(error_hex ?? '', 'hex')
      return [error_text ?? '', bytes.readUInt16BE(8), bytes.readUInt16BE(10)] as const
    })

  test.each([...recorded, ...raw])(
    '%s is the one that ovs-ofctl prints for type %i, code %i',
    (name, errorType, errorCode) => {
      expect(renderErrorName(errorType, errorCode)).toBe(name)
    },
  )

  test('that nobody gave is its numbers', () => {
    expect(renderErrorName(99, 1)).toBe('error type 99 code 1')
    expect(renderErrorName(4, 99)).toBe('error type 4 code 99')
  })
})
