import { expect, test } from '@jest/globals'
import { Counters } from '../../../src/reconcile/counters.js'
import type { Reason } from '../../../src/reconcile/packet-in.js'

test('packets are counted by what became of them, and print with the rest', () => {
  const counters = new Counters()
  const refuse = (reason: Reason, answer?: 'host-unreachable') =>
    counters.judged({
      ...{ verdict: 'refused', reason, ofport: 11, remember: undefined },
      answer: answer && { kind: answer, frame: Buffer.alloc(0) },
    })
  refuse('unknown-host', 'host-unreachable')
  refuse('no-route')
  refuse('unknown-host', 'host-unreachable')
  counters.judged({ verdict: 'malformed', problem: 'ipv4-checksum' })
  counters.judged({ verdict: 'not-ours' })
  counters.installed('refused')
  counters.answered('host-unreachable')
  expect(JSON.parse(JSON.stringify(counters))).toEqual({
    passes: 0,
    flowMods: 0,
    packetIns: 5,
    sentOn: 0,
    installed: { refused: 1 },
    crowdedOut: 0,
    notRemembered: 0,
    answered: { 'host-unreachable': 1 },
    refused: { 'unknown-host': 2, 'no-route': 1 },
    malformed: { 'ipv4-checksum': 1 },
    notOurs: 1,
  })
})
