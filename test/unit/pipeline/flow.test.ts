import { describe, expect, test } from '@jest/globals'
import { goto } from '../../../src/pipeline/actions.js'
import { buildFlow, flow } from '../../../src/pipeline/flow.js'
import { etherType, inPort, ipDst, ipDstIn, vlanTagged } from '../../../src/pipeline/match.js'
import { ofNetwork, writeNetwork } from '../../../src/pipeline/registers.js'
import { INGRESS, LAYER2, ROUTING, type Table } from '../../../src/pipeline/stages.js'
import type { Hex } from '../../../src/values/hex.js'
import { zeroHex } from '../../../src/values/hex.js'
import { flowText, ip } from '../../support/networks.js'

const COOKIE = zeroHex(8)

describe('a flow', () => {
  test('has the number of its priority, and no timeouts, flags or match unless it says so', () => {
    expect(buildFlow(flow(ROUTING, 'rest', { instructions: [] }), 'df01000000000007' as Hex)).toEqual({
      tableId: 52,
      priority: 1,
      cookie: 'df01000000000007',
      idleTimeout: 0,
      hardTimeout: 0,
      importance: 0,
      flags: 0,
      match: [],
      instructions: [],
    })
  })

  test('has the timeouts and the notice that it asks for', () => {
    const spec = flow(ROUTING, 'connection', {
      instructions: [],
      idleTimeout: 300,
      hardTimeout: 3600,
      notifyRemoved: true,
    })
    expect(flowText(buildFlow(spec, COOKIE))).toBe(
      'table=52, idle_timeout=300, hard_timeout=3600, send_flow_rem priority=100 actions=drop',
    )
  })

  test('names what a field needs before the field, in whatever order the feature says it', () => {
    const spec = flow(ROUTING, 'ownSubnet', {
      match: [ipDst(ip('10.1.0.3')), ofNetwork(1), etherType('ip')],
      instructions: [],
    })
    expect(buildFlow(spec, COOKIE).match.map(({ field }) => field)).toEqual([
      'eth_type',
      'ip_dst',
      'metadata',
    ])
  })
})

describe('the pipeline refuses a flow', () => {
  test('that matches what its table does not declare', () => {
    const spec = flow(LAYER2, 'unicast', { match: [inPort(1)], instructions: [] })
    expect(() => buildFlow(spec, COOKIE)).toThrow('table 55 does not declare a match on in_port')
  })

  test('that jumps back, or to its own table', () => {
    const back = flow(LAYER2, 'unicast', { instructions: [goto('routing')] })
    expect(() => buildFlow(back, COOKIE)).toThrow('table 55 cannot jump back to 52')
    const itself = flow(LAYER2, 'unicast', { instructions: [goto('layer2')] })
    expect(() => buildFlow(itself, COOKIE)).toThrow('table 55 cannot jump back to 55')
  })

  test('with a value of the wrong width', () => {
    const spec = flow(INGRESS, 'port', {
      match: [{ field: 'in_port', value: '01' as Hex }],
      instructions: [],
    })
    expect(() => buildFlow(spec, COOKIE)).toThrow('in_port=01 has the wrong width')
  })

  test('with a priority that its table does not have', () => {
    const loose: Table = LAYER2
    expect(() => flow(loose, 'pair', { instructions: [] })).toThrow('table 55 has no priority pair')
  })
})

describe('in the notation of ovs-ofctl', () => {
  test('a prefix of any length is a masked address, and the whole space no match at all', () => {
    const to = (network: string, prefixLength: number) =>
      flowText(
        buildFlow(
          flow(ROUTING, 'ownSubnet', {
            match: [etherType('ip'), ...ipDstIn({ network: ip(network), prefixLength })],
            instructions: [],
          }),
          COOKIE,
        ),
      )
    expect(to('10.1.0.0', 24)).toContain('ip,nw_dst=10.1.0.0/24 ')
    expect(to('10.1.0.3', 32)).toContain('ip,nw_dst=10.1.0.3 ')
    expect(to('0.0.0.0', 0)).toBe('table=52, priority=30,ip actions=drop')
  })

  test('a tag of any VLAN is the bit that says present', () => {
    const spec = flow(INGRESS, 'tagged', { match: [vlanTagged()], instructions: [] })
    expect(flowText(buildFlow(spec, COOKIE))).toBe('priority=1001,vlan_tci=0x1000/0x1000 actions=drop')
  })

  test('the network of a packet is 24 bits of the metadata', () => {
    const spec = flow(INGRESS, 'port', { instructions: [writeNetwork(0xffffff)] })
    expect(flowText(buildFlow(spec, COOKIE))).toBe('priority=1000 actions=write_metadata:0xffffff/0xffffff')
  })
})
