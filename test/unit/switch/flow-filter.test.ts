import { describe, expect, test } from '@jest/globals'
import { portNames } from '../../../src/openflow/text/port-names.js'
import { OPENFLOW_13, OPENFLOW_15, type Version } from '../../../src/openflow/version.js'
import { ALL_FLOWS, type FlowFilter } from '../../../src/switch/dump.js'
import { parseFlowFilter } from '../../../src/switch/flow-filter.js'

const names = portNames([['tap-vm1', 12]])

function filter(text: string, version: Version = OPENFLOW_15): FlowFilter {
  const at = { file: 'MATCH', line: 1, column: 1, length: text.length }
  return parseFlowFilter({ text, at }, { names, version })
}

describe('a filter', () => {
  test('of no words is that of all flows', () => {
    expect(filter('')).toEqual(ALL_FLOWS)
  })

  test.each<[string, Partial<FlowFilter>]>([
    ['table=52', { tableId: 52 }],
    ['out_port=3', { outPort: 3 }],
    ['out_port="tap-vm1"', { outPort: 12 }],
    ['out_port=LOCAL', { outPort: 0xfffffffe }],
    ['out_group=0x7', { outGroup: 7 }],
    [
      'cookie=0xdf01/0xff00',
      { cookie: '000000000000df01', cookieMask: '000000000000ff00' } as Partial<FlowFilter>,
    ],
    ['cookie=5/-1', { cookie: '0000000000000005', cookieMask: 'ffffffffffffffff' } as Partial<FlowFilter>],
  ])('%s chooses by that', (text, chosen) => {
    expect(filter(text)).toEqual({ ...ALL_FLOWS, ...chosen })
  })

  test('has its match in the form of the version, beside the rest in any order', () => {
    const [reg] = filter('ip,table=1,reg1=5').match.slice(-1)
    expect(reg).toEqual({ field: 'xreg0', value: '0000000000000005', mask: '00000000ffffffff' })
    expect(filter('reg1=5,in_port=tap-vm1', OPENFLOW_13).match).toEqual([
      { field: 'in_port', value: '0000000c' },
      { field: 'reg1', value: '00000005' },
    ])
  })

  test.each([
    ['table=255', '"255" is not a number of 0 to 254.'],
    ['table', '"table" is not a number of 0 to 254.'],
    ['cookie=5', '"5" is not a cookie and a mask'],
    ['cookie', '"cookie" is not a cookie and a mask'],
    ['out_port=nobody', '"nobody" is not a port of the bridge.'],
    ['ip,priority=5', '"priority" is not'],
    ['ip,nonsense', '"nonsense" is not'],
  ])('is not %s', (text, message) => {
    expect(() => filter(text)).toThrow(message)
  })
})
