import { describe, expect, test } from '@jest/globals'
import type { DesiredFlows } from '../../../src/compile/desired.js'
import { type Flow, flowInstructions, flowKey } from '../../../src/openflow/flow.js'
import type { Meter } from '../../../src/openflow/messages/meter.js'
import { renderMeter } from '../../../src/openflow/text/print-meter.js'
import { renderPlanOfctl } from '../../../src/plan/render-ofctl.js'
import { planToJson } from '../../../src/plan/render-json.js'
import { renderPlanText } from '../../../src/plan/render-text.js'
import { hasDifferences } from '../../../src/plan/report.js'
import { describeForeignMeters, meterWarnings } from '../../../src/plan/meter-warnings.js'
import { type MeterInputs, NO_METERS, planMeters, type PlannedMeters } from '../../../src/plan/meters.js'
import { flowOfText } from '../../support/networks.js'
import { reportAgainst } from '../../support/plans.js'

const VM1 = { kind: 'Port', name: 'vm1', at: { file: 'ports.yaml', line: 4, column: 19, length: 3 } } as const

const puntOf = (
  ofport: number,
  actions = `meter:${ofport},CONTROLLER:65535`,
  cookie = '0xdf014e0000000000',
) => flowOfText(`cookie=${cookie}, table=56, priority=100,in_port=${ofport} actions=${actions}`)

const FOREIGN_11 = flowOfText('cookie=0x7, table=9, priority=9 actions=meter:11,NORMAL')

function wanted(...flows: readonly Flow[]): DesiredFlows {
  const desired = flows.map((flow) => ({
    flow,
    key: flowKey(flow),
    instructions: flowInstructions(flow),
    reasons: [{ feature: 'punt', owner: VM1 }],
  }))
  return new Map(desired.map((flow) => [flow.key, flow]))
}

/** What is there besides, and what of it is different from a switch without anything. */
function planned(flows: readonly Flow[], more: Partial<MeterInputs> = {}): PlannedMeters {
  return planMeters({
    desired: wanted(...flows),
    limit: { rate: 200, burst: 300 },
    flows: [],
    onSwitch: NO_METERS,
    ...more,
  })
}

const holding = (...meters: readonly Meter[]): Partial<MeterInputs> => ({
  onSwitch: { ...NO_METERS, installed: new Map(meters.map((meter) => [meter.meterId, meter])) },
})

function meter(meterId: number, rate = 200): Meter {
  return { meterId, meterFlags: 6, bands: [{ type: 'drop', rate, burstSize: 300 }] }
}

const instructionsOf = ({ desired }: PlannedMeters) =>
  [...desired.values()].map(({ instructions }) => instructions)

describe('a meter', () => {
  test('is made for each flow that uses one, with one band that drops', () => {
    const { meters, desired } = planned([puntOf(12), puntOf(11)])
    expect(meters.changes).toEqual([
      { kind: 'add', desired: { meter: meter(11), owner: VM1 } },
      { kind: 'add', desired: { meter: meter(12), owner: VM1 } },
    ])
    expect([...desired.values()].map(({ flow }) => flow)).toEqual([puntOf(12), puntOf(11)])
  })

  test('that is as it should be is unchanged, one of another size is changed', () => {
    const { meters } = planned([puntOf(11), puntOf(12)], {
      flows: [puntOf(11), puntOf(12)],
      ...holding(meter(11), meter(12, 9)),
    })
    expect(meters).toMatchObject({
      unchanged: 1,
      changes: [{ kind: 'modify', desired: { meter: meter(12) }, installed: meter(12, 9) }],
    })
  })

  test('that nobody uses is taken, whoever made it', () => {
    const { meters } = planned([puntOf(11)], holding(meter(11, 9)))
    expect(meters.changes).toMatchObject([{ kind: 'modify' }])
  })

  test('goes when flows of ours used it, no flow is to use it, and no foreign one does', () => {
    const flows = [puntOf(11), puntOf(12), FOREIGN_11]
    const { changes } = planned([], { flows, ...holding(meter(11), meter(12), meter(13)) }).meters
    expect(changes).toEqual([{ kind: 'delete', installed: meter(12) }])
  })

  test('that foreign flows alone use is a conflict; ours goes without, however equal it is', () => {
    for (const theirs of [meter(11), meter(11, 9)]) {
      const result = planned([puntOf(11)], { flows: [FOREIGN_11], ...holding(theirs) })
      expect(result.meters).toMatchObject({ changes: [], conflicts: [{ installed: theirs }], unchanged: 0 })
      expect(instructionsOf(result)).toEqual([flowInstructions(puntOf(11, 'CONTROLLER:65535'))])
    }
  })

  test('is also used where it is an instruction, in a clone, or said of a packet to a controller', () => {
    for (const actions of ['clone(meter:11,output:3)', 'controller(meter_id=11)']) {
      const flow = flowOfText(`cookie=0x7, table=9, priority=9 actions=${actions}`)
      expect(planned([puntOf(11)], { flows: [flow], ...holding(meter(11)) }).meters.conflicts).toHaveLength(1)
    }
    const instruction: Flow = {
      ...puntOf(11),
      instructions: [{ type: 'meter', meterId: 11 }, ...puntOf(11, 'CONTROLLER:65535').instructions],
    }
    expect(flowInstructions(instruction)).toBe(flowInstructions(puntOf(11)))
    expect(planned([], { flows: [instruction], ...holding(meter(11)) }).meters.changes).toHaveLength(1)
  })

  test('of which somebody says so is left as it is', () => {
    const { changes, left } = planned([puntOf(11)], { ...holding(meter(11, 9)), isLeft: () => true }).meters
    expect({ changes, left }).toMatchObject({ changes: [], left: [{ installed: meter(11, 9) }] })
  })
})

describe('flows go without a meter, and with the same record each time', () => {
  const unlimited = { limit: { rate: 0, burst: 1 } }
  test.each<[string, Partial<MeterInputs>, number]>([
    ['at a rate of 0', unlimited, 0],
    ['on a switch without meters', { onSwitch: { ...NO_METERS, isSupported: false } }, 1],
    ['where the switch refuses it', { onSwitch: { ...NO_METERS, refused: new Map([[11, 'FULL']]) } }, 1],
  ])('%s', (_, more, missing) => {
    const inputs = { desired: wanted(puntOf(11)), ...more }
    const [first, second] = [planned([], inputs), planned([], inputs)]
    expect(first.meters).toMatchObject({ changes: [], conflicts: [], unchanged: 0 })
    expect(first.meters.missing).toHaveLength(missing)
    expect(instructionsOf(first)).toEqual([flowInstructions(puntOf(11, 'CONTROLLER:65535'))])
    const key = flowKey(puntOf(11))
    expect(second.desired.get(key)).toBe(first.desired.get(key))
  })

  test('and take theirs away', () => {
    const { changes } = planned([puntOf(11)], {
      ...unlimited,
      flows: [puntOf(11)],
      ...holding(meter(11)),
    }).meters
    expect(changes).toEqual([{ kind: 'delete', installed: meter(11) }])
  })
})

describe('a warning', () => {
  test('names the ports that have no meter, and why, in one line', () => {
    const without = { onSwitch: { ...NO_METERS, isSupported: false } }
    expect(meterWarnings(planned([puntOf(11), puntOf(12)], without).meters)).toEqual([
      'the switch has no meters: of 2 ports (vm1, vm1) nothing limits how many packets they send to the controller',
    ])
    const full = { onSwitch: { ...NO_METERS, refused: new Map([[11, 'OFPMMFC_OUT_OF_METERS']]) } }
    expect(meterWarnings(planned([puntOf(11)], full).meters)[0]).toMatch(
      /^the switch refuses meters with OFPMMFC_OUT_OF_METERS: of 1 port \(vm1\)/,
    )
  })

  test("names somebody else's meters", () => {
    const { conflicts } = planned([puntOf(11)], { flows: [FOREIGN_11], ...holding(meter(11)) }).meters
    expect(describeForeignMeters(conflicts)[0]).toMatch(
      /^flows of somebody else use 1 meter \(11\), left alone/,
    )
    expect(describeForeignMeters([])).toEqual([])
  })

  test('is not given where all is well, or nothing was compared', () => {
    expect(meterWarnings(planned([puntOf(11)]).meters)).toEqual([])
    expect(meterWarnings(undefined)).toEqual([])
  })
})

describe('in a plan', () => {
  const flows = [puntOf(12), puntOf(13), FOREIGN_11]
  const installed = holding(meter(11), meter(12, 9), meter(13))
  const { meters } = planned([puntOf(11), puntOf(12), puntOf(14)], { flows, ...installed })
  const report = reportAgainst([], { plan: { changes: [], conflicts: [], unchanged: 0, meters } })
  const text = (id: number, rate = 200) =>
    `meter=${id},pktps,burst,band=type=drop,rate=${rate},burst_size=300`

  test('they are differences, conflicts too', () => {
    expect(hasDifferences(report)).toBe(true)
    const onlyConflict = { ...meters, changes: [] }
    const plan = { changes: [], conflicts: [], unchanged: 0, meters: onlyConflict }
    expect(hasDifferences(reportAgainst([], { plan }))).toBe(true)
    expect(hasDifferences(reportAgainst([], { plan: { ...plan, meters: planned([]).meters } }))).toBe(false)
  })

  test('for people they stand under a title of their own, and in the summary', () => {
    const shown = renderPlanText(report)
    expect(shown).toContain(
      [
        'Meters',
        `  ~ ${text(12)}  # Port vm1`,
        `      was ${text(12, 9)}`,
        `  + ${text(14)}  # Port vm1`,
        `  - ${text(13)}`,
      ].join('\n'),
    )
    expect(shown).toContain(`      ours    ${text(11)}\n      foreign ${text(11)}\n`)
    expect(shown.split('\n').at(-1)).toBe(
      'br-int: 0 to add, 0 to change, 0 to delete, 0 unchanged; meters: 1 to add, 1 to change, 1 to delete, 1 in conflict',
    )
  })

  test('for programs each has its object', () => {
    const object = {
      object: { kind: 'Port', name: 'vm1' },
      source: { file: 'ports.yaml', line: 4, column: 19 },
    }
    expect(planToJson(report).meters).toEqual({
      unchanged: 0,
      changes: [
        { change: 'modify', meter: text(12), was: text(12, 9), ...object },
        { change: 'add', meter: text(14), ...object },
        { change: 'delete', meter: text(13), object: null, source: null },
      ],
      conflicts: [{ wanted: text(11), foreign: text(11), ...object }],
    })
  })

  test('for ovs-ofctl they are commands in comments, as a file of flows has no meters', () => {
    expect(renderPlanOfctl(report, false).split('\n')).toEqual([
      `# ovs-ofctl -O OpenFlow15 mod-meter br-int ${text(12)}`,
      `# ovs-ofctl -O OpenFlow15 add-meter br-int ${text(14)}`,
      '# ovs-ofctl -O OpenFlow15 del-meter br-int meter=13',
    ])
  })
})

test('meters of others print as ovs-ofctl would read them', () => {
  const kbps: Meter = { meterId: 1, meterFlags: 1, bands: [{ type: 'drop', rate: 5, burstSize: 0 }] }
  expect(renderMeter(kbps)).toBe('meter=1,kbps,band=type=drop,rate=5')
  const remark = { type: 'dscp_remark', rate: 5, burstSize: 6, precLevel: 1 } as const
  const both: Meter = { meterId: 0xfffffffe, meterFlags: 13, bands: [...kbps.bands, remark] }
  expect(renderMeter(both)).toBe(
    'meter=4294967294,kbps,burst,stats,band=type=drop,rate=5,burst_size=0,band=type=dscp_remark,rate=5,burst_size=6,prec_level=1',
  )
})
