import { describe, expect, test } from '@jest/globals'
import { PORT } from '../../../../src/openflow/ports.js'
import { NO_NAMES, parsePort, portNames, renderPort } from '../../../../src/openflow/text/port-names.js'

describe('the name of a port', () => {
  // As ovs-ofctl 3.1 --names prints them; test/integration/openflow-text.test.ts asks a real one.
  test.each([
    ['eth0', 'eth0'],
    ['vnet0', 'vnet0'],
    ['A1', 'A1'],
    ['tap-vm1', '"tap-vm1"'],
    ['tap_vm1', '"tap_vm1"'],
    ['br-int', '"br-int"'],
    ['eth0.100', '"eth0.100"'],
    ['_u', '"_u"'],
    ['1', '"1"'],
    ['0abc', '"0abc"'],
    ['é', '"é"'],
  ])('%s is written %s', (name, text) => {
    expect(renderPort(11, portNames([[name, 11]]))).toBe(text)
  })

  test('that a reserved port has too is quoted, and so means the port', () => {
    const names = portNames([['local', 11]])
    expect(renderPort(11, names)).toBe('"local"')
    expect(parsePort('"local"', names)).toBe(11)
    expect(parsePort('local', names)).toBe(PORT.LOCAL)
  })

  test('that is a number is found in quotes alone', () => {
    const names = portNames([['7', 11]])
    expect(parsePort('"7"', names)).toBe(11)
    expect(parsePort('7', names)).toBe(7)
  })

  test('that nobody knows is no port', () => {
    expect(parsePort('tap-vm9', portNames([['tap-vm1', 11]]))).toBeUndefined()
    expect(parsePort('"tap-vm1', portNames([['tap-vm1', 11]]))).toBeUndefined()
  })
})

describe('a port without a name', () => {
  test('is its number', () => {
    expect(renderPort(11, NO_NAMES)).toBe('11')
    expect(parsePort('11', NO_NAMES)).toBe(11)
    expect(parsePort('0xb', NO_NAMES)).toBe(11)
    expect(parsePort('4294967296', NO_NAMES)).toBeUndefined()
  })

  test.each(Object.entries(PORT))('that is reserved is %s, in any case', (name, port) => {
    expect(renderPort(port, portNames([['tap-vm1', port]]))).toBe(name)
    expect(parsePort(name.toLowerCase(), NO_NAMES)).toBe(port)
  })
})
