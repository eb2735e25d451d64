import { expect, test } from '@jest/globals'
import type { Condition, ObjectStatus, Summary } from '../../../src/status/condition.js'
import { duration, renderStatus } from '../../../src/status/render-status.js'

const SINCE = '2026-01-01T00:00:00.000Z'
const NOW = new Date('2026-01-01T00:05:00.000Z')

const SUMMARY: Summary = {
  ...{
    bridge: 'br-int',
    node: null,
    openflow: 'unix:/run/br-int.mgmt',
    etcd: null,
    pid: 7,
    phase: 'Synced',
    since: SINCE,
    message: 'all is well',
  },
  revision: { wanted: 'abc', applied: 'abc' },
  suspended: null,
  counts: { objects: 2, ready: 1, notReady: 1, unknown: 0 },
  problems: [],
  warnings: [],
}

function condition(more: Partial<Condition>): Condition {
  return {
    type: 'Valid',
    status: 'True',
    reason: 'Parsed',
    message: 'fine',
    lastTransitionTime: SINCE,
    ...more,
  }
}

const PORT: ObjectStatus = {
  ...{ kind: 'Port', name: 'vm1', at: 'p.yaml:1:1', revision: 'abc', ready: 'False' },
  conditions: [
    condition({}),
    condition({ type: 'Bound', status: 'Unknown', reason: 'Pending', message: 'not yet' }),
    condition({
      type: 'Programmed',
      status: 'False',
      reason: 'Refused',
      message: 'no\u001b[2J',
      remedy: 'Ask.',
    }),
  ],
}

test('a status without objects is a line and its reason', () => {
  expect(renderStatus(SUMMARY, [], NOW)).toBe(
    'br-int  Synced for 5m  revision abc  2 objects, 1 ready\n  all is well',
  )
})

test('a node among others is named, with its etcd and whether that answers', () => {
  const placeOf = (more: Partial<Summary>) =>
    renderStatus({ ...SUMMARY, node: 'node-a', ...more }, [], NOW)
      .split('\n')
      .slice(2)
  const urls = ['http://192.0.2.1:2379', 'http://192.0.2.2:2379']
  expect(placeOf({})).toEqual(['  node node-a'])
  expect(placeOf({ etcd: { urls, connected: true, since: SINCE } })).toEqual([
    '  node node-a, etcd http://192.0.2.1:2379,http://192.0.2.2:2379: connected for 5m',
  ])
  expect(placeOf({ node: null, etcd: { urls: ['http://e:2379'], connected: false, since: SINCE } })).toEqual([
    '  etcd http://e:2379: silent for 5m',
  ])
})

test('an object is told of by its False condition, with the remedy below and without control characters', () => {
  expect(renderStatus(SUMMARY, [PORT], NOW).split('\n').slice(2)).toEqual([
    '',
    'KIND/NAME  READY    REASON   MESSAGE',
    'Port/vm1   False    Refused  no\ufffd[2J',
    '           Ask.',
  ])
})

test('what is wanted is named where it is not applied, and a problem of no object has a line of its own', () => {
  const problems = [
    { code: 'YAML_SYNTAX', message: 'Broken.', remedy: 'Mend it.', at: 'a.yaml:3:1' },
    { code: 'WRONG_TYPE', message: 'Wrong.', object: 'Port/vm1' },
  ]
  const invalid = {
    ...SUMMARY,
    phase: 'Invalid' as const,
    revision: { wanted: 'def', applied: null },
    problems,
  }
  expect(renderStatus(invalid, [], NOW).split('\n')).toEqual([
    'br-int  Invalid for 5m  revision none (wanted: def)  2 objects, 1 ready',
    '  all is well',
    '',
    'YAML_SYNTAX  a.yaml:3:1 Broken.',
    '  Mend it.',
  ])
})

test.each([
  [-5, '0s'],
  [119_000, '119s'],
  [120_000, '2m'],
  [7_200_000, '2h'],
  [172_800_000, '2d'],
])('%d ms are %s', (ms, text) => {
  expect(duration(ms)).toBe(text)
})
