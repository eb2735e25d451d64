import { describe, expect, test } from '@jest/globals'
import type { KeyState } from '../../../src/cluster/keys.js'
import { Mirror } from '../../../src/cluster/mirror.js'
import { parseIpv4 } from '../../../src/values/ipv4.js'

const put = (name: string, value: string, modRevision: number): KeyState => ({
  kind: 'ports',
  name,
  value,
  present: true,
  modRevision,
  lease: '1',
})
const gone = (name: string, modRevision: number): KeyState => ({
  ...put(name, '', modRevision),
  value: undefined,
  present: false,
})
const bindings = (mirror: Mirror) => Object.fromEntries(mirror.view.bindings)

function mirrorOf(...states: readonly KeyState[]): Mirror {
  const mirror = new Mirror()
  mirror.replace(states, 10)
  return mirror
}

describe('the view', () => {
  test('holds what the nodes have said', () => {
    const node: KeyState = { ...put('a', '{"switch":"s1","tunnelIp":"192.0.2.1"}', 3), kind: 'nodes' }
    const silent: KeyState = { ...put('b', '{"switch":"s2"}', 3), kind: 'nodes' }
    const asking: KeyState = { ...put('a', 's3', 3), kind: 'contenders' }
    const { view } = mirrorOf(node, silent, asking, put('vm1', 'a', 4))
    expect(view).toEqual({
      bindings: new Map([['vm1', 'a']]),
      tunnelIps: new Map([['a', parseIpv4('192.0.2.1')]]),
    })
  })

  test('is the same object until it changes', () => {
    const mirror = mirrorOf(put('vm1', 'a', 4))
    const { view } = mirror
    mirror.follow([put('vm1', 'a', 11)]) // under a new lease
    mirror.replace([put('vm1', 'a', 11)], 12)
    mirror.forget()
    expect(mirror.view).toBe(view)
    mirror.follow([put('vm1', 'b', 13)])
    expect(mirror.view).not.toBe(view)
    expect(Object.fromEntries(view.bindings)).toEqual({ vm1: 'a' })
  })

  test('believes after a loss of the connection what was known before, until it is told to forget', () => {
    const mirror = mirrorOf(put('vm1', 'a', 4), put('vm2', 'b', 5), put('vm3', 'b', 6))
    mirror.replace([put('vm2', 'c', 20)], 20)
    mirror.follow([gone('vm2', 21)])
    expect(bindings(mirror)).toEqual({ vm1: 'a', vm2: 'b', vm3: 'b' })
    mirror.follow([put('vm1', 'c', 22)])
    expect(bindings(mirror)).toEqual({ vm1: 'c', vm2: 'b', vm3: 'b' })
    mirror.forget()
    expect(bindings(mirror)).toEqual({ vm1: 'c' })
  })
})

describe('the answer to a write', () => {
  test('counts before the watch tells it, and is no news then', () => {
    const mirror = mirrorOf()
    mirror.learn(put('vm1', 'a', 11))
    const { view } = mirror
    expect(bindings(mirror)).toEqual({ vm1: 'a' })
    mirror.follow([put('vm1', 'a', 11)])
    expect(mirror.view).toBe(view)
  })

  test('is not undone by an older change that the watch tells later', () => {
    const mirror = mirrorOf(put('vm1', 'a', 4))
    mirror.learn(gone('vm1', 13))
    mirror.follow([put('vm1', 'a', 12)])
    expect(bindings(mirror)).toEqual({})
    mirror.follow([gone('vm1', 13)])
    expect(mirror.keys('ports').size).toBe(0)
  })

  test('comes to nothing when the watch has passed it', () => {
    const mirror = mirrorOf()
    mirror.follow([put('vm1', 'a', 11), gone('vm1', 12)])
    mirror.learn(put('vm1', 'a', 11))
    expect(bindings(mirror)).toEqual({})
  })
})
