import { describe, expect, test } from '@jest/globals'
import { ReconcileError } from '../../../src/errors/error.js'
import { renderFlow } from '../../../src/openflow/text/print.js'
import { flowOf } from '../../../src/plan/plan.js'
import type { PlanReport } from '../../../src/plan/report.js'
import { planAgainstDump, planAgainstEmpty, planBridgesAgainstEmpty } from '../../../src/reconcile/offline.js'
import { manifestsOf, network, node, port, TWO_NETWORKS } from '../../support/networks.js'
import { PACKET_IN_LIMIT, TIMEOUTS } from '../../support/plans.js'

function options(portMap: Readonly<Record<string, number>> = {}, manifests = TWO_NETWORKS) {
  return {
    manifests,
    bridge: 'br-int',
    timeouts: TIMEOUTS,
    packetInLimit: PACKET_IN_LIMIT,
    portMap: new Map(Object.entries(portMap)),
  }
}

function textOf({ plan, names }: PlanReport): readonly string[] {
  return plan.changes.map((change) => `${change.kind} ${renderFlow(flowOf(change), names)}`)
}

function flowsOf(report: PlanReport): string {
  return textOf(report)
    .map((line) => line.replace(/^add /, ''))
    .join('\n')
}

/** Of a port with one address: two in table 0, seven in table 1, one in each of tables 2 and 56. */
const IN_PORT_FLOWS = 11

describe('against an empty switch', () => {
  test('ports print by the names of their interfaces', () => {
    const lines = textOf(planAgainstEmpty(options(), undefined))
    expect(lines).toContain(
      'add cookie=0xdf01432d41d1711b, priority=1000,in_port="tap-vm1" actions=write_metadata:0x1f42/0xffffff,goto_table:1',
    )
    expect(lines.at(0)).toContain('output:"patch-tun"')
  })

  test('ports print by the numbers that were told, and the others by name', () => {
    const lines = textOf(planAgainstEmpty(options({ 'tap-vm1': 11, 'patch-tun': 6 }), undefined))
    expect(lines.filter((line) => /in_port=11\b/.test(line))).toHaveLength(IN_PORT_FLOWS)
    expect(lines.filter((line) => line.includes('in_port="tap-vm2"'))).toHaveLength(IN_PORT_FLOWS)
    expect(lines.join()).not.toContain('patch-tun')
  })

  test('only the ports of the node count', () => {
    const manifests = manifestsOf(
      network('net1', 1),
      node('node-a', '192.0.2.1'),
      node('node-b', '192.0.2.2'),
      port('a', 'net1', { interface: 'tap-a', host: 'node-a' }),
      port('b', 'net1', { interface: 'tap-b', host: 'node-b' }),
      port('everywhere', 'net1', { interface: 'tap-c' }),
    )
    const text = flowsOf(planAgainstEmpty(options({}, manifests), 'node-b'))
    expect(text).toContain('tap-b')
    expect(text).toContain('tap-c')
    expect(text).not.toContain('tap-a')
  })
})

describe('both bridges against an empty switch', () => {
  const manifests = manifestsOf(
    network('net1', 1),
    node('node-a', '192.0.2.1'),
    node('node-b', '192.0.2.2'),
    port('a', 'net1', { interface: 'tap-a', host: 'node-a' }),
    port('b', 'net1', { interface: 'tap-b', host: 'node-b' }),
  )
  const plans = (bridge: string) => planBridgesAgainstEmpty({ ...options({}, manifests), bridge }, 'node-a')
  const portsIn = (report: PlanReport | undefined) => {
    const names = flowsOf(report!).matchAll(/(?:in_port=|output:)"?([\w-]+)/g)
    return new Set([...names].map(([, name]) => name))
  }

  test('are planned each once, and the flows of each name the ports of that bridge alone', () => {
    const [integration, tunnel, ...others] = plans('br-ovs')
    expect(others).toEqual([])
    expect([integration?.bridge, tunnel?.bridge]).toEqual(['br-ovs', 'br-tun'])
    expect(portsIn(integration)).toEqual(new Set(['tap-a', 'patch-tun']))
    expect(portsIn(tunnel)).toEqual(new Set(['patch-int', 'tun']))
  })

  test('br-tun that is asked for is planned once, without the other one', () => {
    expect(plans('br-tun').map(({ bridge }) => bridge)).toEqual(['br-tun'])
  })
})

describe('against a dump', () => {
  const dumped = flowsOf(
    planAgainstEmpty(options({ 'tap-vm1': 11, 'tap-vm2': 12, 'patch-tun': 6 }), undefined),
  )

  function against(text: string, portMap?: Readonly<Record<string, number>>) {
    return planAgainstDump(options(portMap), undefined, { file: 'dump.txt', text })
  }

  test('the numbers are read from the dump: nothing is left to do', () => {
    expect(against(dumped).plan).toEqual({ changes: [], conflicts: [], unchanged: 64 })
  })

  test('of a bridge without a patch port asks for none', () => {
    const unpatched = dumped.split('\n').filter((line) => !line.includes('0xdf010d'))
    expect(unpatched).toHaveLength(62)
    expect(against(unpatched.join('\n')).plan).toEqual({ changes: [], conflicts: [], unchanged: 62 })
    expect(against(unpatched.join('\n'), { 'patch-tun': 6 }).plan.changes).toHaveLength(2)
  })

  test('of a switch with names nothing is left to do either', () => {
    const named = flowsOf(planAgainstEmpty(options(), undefined))
    expect(against(named).plan).toEqual({ changes: [], conflicts: [], unchanged: 64 })
  })

  test('of a metered switch with names tells the numbers by the meters', () => {
    const numbers = { 'tap-vm1': 11, 'tap-vm2': 12 }
    const named = flowsOf(planAgainstEmpty(options(numbers), undefined))
      .replaceAll('in_port=11 ', 'in_port="tap-vm1" ')
      .replaceAll('in_port=12 ', 'in_port="tap-vm2" ')
    expect(named).toContain('in_port="tap-vm1" actions=meter:11,')
    expect(against(named).plan.changes).toEqual([])
  })

  test('the plan speaks of the numbers that the dump has', () => {
    const without = dumped
      .split('\n')
      .filter((line) => !line.includes('table=55') || line.includes('output:11'))
      .join('\n')
    expect(textOf(against(without))).toEqual([
      'add cookie=0xdf014bbe6f11f755, table=55, priority=100,metadata=0x1f43,dl_dst=fa:16:3e:cf:4b:ed actions=output:12',
      'add cookie=0xdf014c24d3397c26, table=55, priority=10,metadata=0x1f43,dl_dst=01:00:00:00:00:00/01:00:00:00:00:00 actions=output:12',
    ])
  })

  test('a number that was told wins over that of the dump', () => {
    const { plan } = against(dumped, { 'tap-vm1': 21 })
    const kinds = plan.changes.map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind !== 'modify')).toEqual([
      ...Array.from({ length: IN_PORT_FLOWS }, () => 'add'),
      ...Array.from({ length: IN_PORT_FLOWS }, () => 'delete'),
    ])
    // unicast, group, neighbour
    expect(kinds.filter((kind) => kind === 'modify')).toHaveLength(3)
  })

  test('foreign flows are passed over, even those beyond this release', () => {
    const foreign = 'cookie=0x7, table=9, priority=5,ct_state=+trk actions=learn(table=3),NORMAL'
    expect(against(`${dumped}\n${foreign}\n`).plan.changes).toEqual([])
  })

  test('a line that is no flow is an error at its place', () => {
    const broken = () => against(`${dumped}\n  cookie=0xdf01010000000000, table=999, actions=drop`)
    expect(broken).toThrow(ReconcileError)
    expect(broken).toThrow(
      expect.objectContaining({
        code: 'INVALID_DUMP',
        at: expect.objectContaining({ file: 'dump.txt', line: 65 }),
      }),
    )
  })
})
