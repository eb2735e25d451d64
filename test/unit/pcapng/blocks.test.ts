// The bytes of the blocks, by the figures of draft-ietf-opsawg-pcapng, sections 3.1, 4.1, 4.2 and 4.3.
import { expect, test } from '@jest/globals'
import { captureHeader, packetBlock } from '../../../src/pcapng/blocks.js'

/** Digits in groups as the figures have words, without spaces. */
const bytes = (...groups: readonly string[]): string => groups.join('').replaceAll(' ', '')

test('a file begins with a section header and one interface description of Ethernet', () => {
  const names = { application: 'abc', interfaceName: 'br-1', interfaceDescription: 'x' }
  expect(captureHeader(names).toString('hex')).toBe(
    bytes(
      '0a0d0d0a 28000000 4d3c2b1a 0100 0000 ffffffffffffffff',
      '0400 0300 616263 00', // shb_userappl, padded
      '0000 0000 28000000',
      '01000000 28000000 0100 0000 00000000',
      '0200 0400 62722d31', // if_name
      '0300 0100 78 000000', // if_description
      '0000 0000 28000000',
    ),
  )
})

test('a packet has its time in microseconds, both lengths, its bytes and its comment', () => {
  const time = 0x5_0000_0007 / 1000 // the upper and the lower word
  const block = packetBlock({
    time,
    data: Buffer.from('0102030405', 'hex'),
    originalLength: 9,
    comment: 'hi',
  })
  expect(block.toString('hex')).toBe(
    bytes(
      '06000000 34000000 00000000 05000000 07000000 05000000 09000000',
      '0102030405 000000',
      '0100 0200 6869 0000',
      '0000 0000 34000000',
    ),
  )
})
