import { expect, test } from '@jest/globals'
import { renderCounts } from '../../../src/cli/counters.js'
import type { OpenFlowConnection } from '../../../src/openflow/connection.js'
import type { CounterValues } from '../../../src/reconcile/counters.js'
import { type PacketCounts, portCounts, verdictCounts } from '../../../src/reconcile/packet-counts.js'
import { twoNetworks } from '../../support/networks.js'
import { countersProblems } from '../../support/output-schemas.js'

const VALUES: CounterValues = {
  ...{ passes: 3, flowMods: 9, packetIns: 10, sentOn: 5, notOurs: 1, notRemembered: 0, crowdedOut: 2 },
  refused: { 'no-route': 1, 'unknown-host': 2 },
  malformed: { 'ipv4-checksum': 1 },
  installed: { connection: 4 },
  answered: { reset: 1 },
}

test('every packet is counted under one verdict', () => {
  const verdicts = verdictCounts(VALUES)
  expect(verdicts).toMatchObject({
    ...{ sentOn: 5, malformed: { 'ipv4-checksum': 1 }, notOurs: 1 },
    refused: { 'no-route': 1, 'unknown-host': 2 },
  })
  const { sentOn, refused, malformed, notOurs } = verdicts
  const counts = [sentOn, notOurs, ...Object.values(refused), ...Object.values(malformed)]
  expect(counts.reduce((a, b) => a + b, 0)).toBe(10)
})

test('what the switch drops is told by port, and null where it does not count it', async () => {
  const spoofed = () => Promise.resolve(new Map([[11, 7]]))
  expect(await portCounts(NO_SWITCH, twoNetworks(), { spoofed, rateLimited: undefined })).toEqual([
    { port: 'vm1', ofport: 11, spoofed: 7, rateLimited: null },
    { port: 'vm2', ofport: 12, spoofed: null, rateLimited: null },
  ])
})

/** Its readers ask nobody. */
const NO_SWITCH: OpenFlowConnection = Object.create(null) as OpenFlowConnection

const COUNTS: PacketCounts = {
  ...{ bridge: 'br-int', since: '2026-01-01T00:00:00.000Z', packetIns: 10 },
  verdicts: verdictCounts(VALUES),
  ports: [{ port: 'vm1', ofport: 11, spoofed: 7, rateLimited: null }],
  tunnel: null,
}

test('the counts are of the documented shape', () => {
  expect(countersProblems(COUNTS)).toEqual([])
  expect(countersProblems({ ...COUNTS, ports: null })).toEqual([])
  expect(countersProblems({ ...COUNTS, more: 1 })).not.toEqual([])
})

test('those of a tunnel bridge are what it dropped', () => {
  const tunnel = { 'wrong-network': 1, 'unknown-peer': 3 }
  expect(countersProblems({ ...COUNTS, tunnel })).toEqual([])
  expect(renderCounts({ ...COUNTS, bridge: 'br-tun', tunnel }).split('\n')).toEqual([
    'br-tun  since 2026-01-01T00:00:00.000Z',
    '',
    'DROPPED        PACKETS',
    'unknown-peer         3',
    'wrong-network        1',
  ])
})

test('for people they are two tables, the most frequent reason first', () => {
  expect(renderCounts(COUNTS).split('\n')).toEqual([
    'br-int  10 packets came to the controller since 2026-01-01T00:00:00.000Z',
    '',
    'VERDICT                   PACKETS',
    'sent on                         5',
    'refused: unknown-host           2',
    'refused: no-route               1',
    'malformed: ipv4-checksum        1',
    'not ours                        1',
    'crowded out                     2',
    '',
    'RESULT                 COUNT',
    'installed: connection      4',
    'answered: reset            1',
    '',
    'PORT  SPOOFED  RATE-LIMITED',
    'vm1         7             -',
  ])
  expect(renderCounts({ ...COUNTS, ports: null })).toMatch(/There is no connection to the switch/)
})
