import { expect, test } from '@jest/globals'
import {
  encodeValue,
  keyOf,
  nodeEntry,
  rangeOf,
  readKey,
  renderNodeEntry,
} from '../../../src/cluster/keys.js'
import { parseIpv4 } from '../../../src/values/ipv4.js'

const raw = (key: string, value: string) => ({
  key: Buffer.from(key),
  value: Buffer.from(value),
  mod_revision: '7',
  lease: '7587862094414187791',
})

test('a key reads back as it was written', () => {
  const key = keyOf('/x/y', { kind: 'ports', name: 'vm1' }).toString()
  expect(key).toBe('/x/y/ports/vm1')
  expect(encodeValue('ports', 'node-a').toString()).toBe('{"node":"node-a"}')
  expect(readKey('/x/y', raw(key, '{"node":"node-a"}'), true)).toEqual({
    kind: 'ports',
    name: 'vm1',
    value: 'node-a',
    present: true,
    modRevision: 7,
    lease: '7587862094414187791',
  })
})

test('a key of a node holds its switch, and its tunnel address where it has one', () => {
  const written = (tunnelIp: string | undefined) =>
    encodeValue('nodes', renderNodeEntry({ switchId: 's1', tunnelIp: parseIpv4(tunnelIp ?? '') })).toString()
  expect(written('192.0.2.1')).toBe('{"switch":"s1","tunnelIp":"192.0.2.1"}')
  expect(written(undefined)).toBe('{"switch":"s1"}')
  for (const text of [written('192.0.2.1'), written(undefined)])
    expect(readKey('/x', raw('/x/nodes/a', text), true)?.value).toBe(text)
  expect(nodeEntry(written('192.0.2.1'))).toEqual({ switchId: 's1', tunnelIp: parseIpv4('192.0.2.1') })
})

test('a key of a node is the same however it is written', () => {
  const text = '{ "tunnelIp": "192.0.2.1", "more": 1, "switch": "s1" }'
  expect(readKey('/x', raw('/x/nodes/a', text), true)?.value).toBe('{"switch":"s1","tunnelIp":"192.0.2.1"}')
})

test('a key of a contender holds its switch', () => {
  expect(encodeValue('contenders', 's1').toString()).toBe('{"switch":"s1"}')
  expect(readKey('/x', raw('/x/contenders/a', '{"switch":"s1"}'), true)?.value).toBe('s1')
})

test.each(['/x/ports', '/x/ports/', '/x/ports/a/b', '/x/other/a'])('%s is none of our keys', (key) => {
  expect(readKey('/x', raw(key, '{"node":"a"}'), true)).toBeUndefined()
})

test.each([
  ['/x/ports/a', 'not JSON'],
  ['/x/ports/a', 'null'],
  ['/x/ports/a', '{"node":3}'],
  ['/x/ports/a', '{"node":""}'],
  ['/x/nodes/a', '{"switch":"s1","tunnelIp":"192.0.2.256"}'],
  ['/x/nodes/a', '{"tunnelIp":"192.0.2.1"}'],
  ['/x/nodes/a', '{"node":"a"}'],
  ['/x/contenders/a', '{"switch":""}'],
])('%s with the value %s says nothing', (key, value) => {
  expect(readKey('/x', raw(key, value), true)).toMatchObject({ value: undefined, present: true })
})

test('the range holds what is below the prefix, and no sibling of it', () => {
  const { key, range_end } = rangeOf('/x')
  const within = (text: string) =>
    Buffer.from(text).compare(key) >= 0 && Buffer.from(text).compare(range_end) < 0
  expect(['/x/nodes/a', '/x/ports/~'].map(within)).toEqual([true, true])
  expect(['/x', '/x-1/ports/a', '/x0', '/xy/ports/a', '/w/ports/a'].map(within)).toEqual(Array(5).fill(false))
})
