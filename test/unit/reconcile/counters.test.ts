import { expect, test } from '@jest/globals'
import { Counters } from '../../../src/reconcile/counters.js'

test('packets that are not sent on are counted by reason, and print with the rest', () => {
  const counters = new Counters()
  counters.packetIns = 3
  counters.refuse('unknown-host')
  counters.refuse('no-route')
  counters.refuse('unknown-host')
  expect(JSON.parse(JSON.stringify(counters))).toEqual({
    passes: 0,
    flowMods: 0,
    packetIns: 3,
    refused: { 'unknown-host': 2, 'no-route': 1 },
  })
})
