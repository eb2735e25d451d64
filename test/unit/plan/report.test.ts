import { describe, expect, test } from '@jest/globals'
import { buildCookie } from '../../../src/pipeline/cookie.js'
import { countPlan, hasDifferences } from '../../../src/plan/report.js'
import { originsIn } from '../../../src/reconcile/origins.js'
import { objectHash } from '../../../src/values/hash.js'
import type { Hex } from '../../../src/values/hex.js'
import { TWO_NETWORKS, twoNetworks } from '../../support/networks.js'
import { modelFlows, reportAgainst } from '../../support/plans.js'

const FLOWS = modelFlows(twoNetworks())

describe('a cookie tells', () => {
  const { featureOf, ownerOf } = originsIn(TWO_NETWORKS)
  const cookie = (feature: number, kind: string, name: string) =>
    buildCookie({ class: 'model', feature, object: objectHash(kind, name) })

  test('the feature and the object that is in the manifests', () => {
    expect(featureOf(cookie(3, 'Port', 'vm1'))).toBe('ingress')
    expect(ownerOf(cookie(3, 'Port', 'vm1'))).toMatchObject({ kind: 'Port', name: 'vm1' })
    expect(featureOf(cookie(10, 'Port', 'vm1'))).toBe('connection')
  })

  test('no object that is not there, nor one of another kind with the name', () => {
    expect(ownerOf(cookie(3, 'Port', 'vm9'))).toBeUndefined()
    expect(ownerOf(cookie(3, 'Router', 'vm1'))).toBeUndefined()
  })

  test('nothing when it is foreign, or of a feature that a newer release has', () => {
    expect(featureOf('0000000000000001' as Hex)).toBe('unknown feature')
    expect(ownerOf('0000000000000001' as Hex)).toBeUndefined()
    expect(featureOf(cookie(63, 'Port', 'vm1'))).toBe('unknown feature')
  })
})

describe('there are differences', () => {
  test('when a flow is missing, foreign or too much, or the bridge is not there', () => {
    expect(hasDifferences(reportAgainst(FLOWS))).toBe(false)
    expect(hasDifferences(reportAgainst(FLOWS.slice(1)))).toBe(true)
    expect(hasDifferences(reportAgainst(FLOWS, { createsBridge: true }))).toBe(true)
    const [first, ...rest] = FLOWS
    const foreign = { ...first!, cookie: '0000000000000007' as Hex }
    expect(reportAgainst([foreign, ...rest]).plan.changes).toEqual([])
    expect(hasDifferences(reportAgainst([foreign, ...rest]))).toBe(true)
    expect(hasDifferences(reportAgainst([...FLOWS, { ...first!, priority: 77 }]))).toBe(true)
  })

  test('not when a warning is all there is', () => {
    expect(hasDifferences(reportAgainst(FLOWS, { warnings: ['port "vm1": not plugged'] }))).toBe(false)
  })
})

test('modified and replaced flows count as changed', () => {
  const [a, b, ...rest] = FLOWS
  const { plan } = reportAgainst([
    { ...a!, flags: 1 },
    { ...b!, instructions: [{ type: 'clear_actions' }] },
    ...rest,
  ])
  expect(plan.changes.map(({ kind }) => kind).sort()).toEqual(['modify', 'replace'])
  expect(countPlan(plan)).toEqual({ add: 0, change: 2, delete: 0, unchanged: 62, conflicts: 0 })
})
