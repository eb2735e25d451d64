import { describe, expect, test } from '@jest/globals'
import { nearest, nearestField } from '../../../src/manifest/suggest.js'

describe('the nearest name', () => {
  test.each([
    ['nte1', ['net1', 'net2'], 'net1'],
    ['net1-v5', ['net1-v4', 'net2-v4'], 'net1-v4'],
    ['net9', ['net2', 'net1'], 'net1'],
    ['blue', ['green', 'red'], undefined],
    ['a', ['b'], undefined],
    ['', ['a'], undefined],
    ['x', [], undefined],
  ])('to %j among %j is %j', (word, candidates, expected) => {
    expect(nearest(word, candidates)).toBe(expected)
  })
})

describe('the nearest field', () => {
  const fields = ['network', 'macAddress', 'fixedIps', 'host', 'interface', 'ifaceId']
  test.each([
    ['mac_address', 'macAddress'],
    ['fixed_ips', 'fixedIps'],
    ['MAC', 'macAddress'],
    ['iface-id', 'ifaceId'],
    ['hots', 'host'],
    ['securityGroups', undefined],
    ['-', undefined],
  ])('to %j is %j', (word, expected) => {
    expect(nearestField(word, fields)).toBe(expected)
  })
})
