// The whole desired table of every example, in a file that a person has read.
import { readdirSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { renderFlow } from '../../src/openflow/text/print.js'
import { renderPlanOfctl } from '../../src/plan/render-ofctl.js'
import { planAgainstDump, planBridgesAgainstEmpty } from '../../src/reconcile/offline.js'
import { exampleManifests } from '../support/networks.js'
import { readFlowFile } from './flow-file.js'

const EXAMPLES = readdirSync(new URL('../../examples/', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)

const TIMEOUTS = { idleTimeout: 300, hardTimeout: 0 }
const PACKET_IN_LIMIT = { rate: 200, burst: 200 }

test('there are examples', () => {
  expect(EXAMPLES).toContain('two-networks')
})

describe.each(EXAMPLES)('examples/%s', (name) => {
  const manifests = exampleManifests(name)
  const { text, ports } = readFlowFile(name)
  const options = { manifests, bridge: 'br-int', timeouts: TIMEOUTS, packetInLimit: PACKET_IN_LIMIT, portMap: ports }
  const nodes = manifests.nodes.length === 0 ? [undefined] : manifests.nodes.map((node) => node.name)

  test(`gives the flows of test/golden/flows/${name}.flows`, () => {
    const reports = nodes.flatMap((node) => planBridgesAgainstEmpty(options, node))
    const plans = reports.map((report) => renderPlanOfctl(report, true))
    expect(`${plans.join('\n')}\n`).toBe(text)
  })

  test.each(nodes)('has nothing left to do on a switch with these flows (node %s)', (node) => {
    for (const { bridge, plan: first, names } of planBridgesAgainstEmpty(options, node)) {
      const dump = first.changes.map((change) =>
        change.kind === 'add' ? renderFlow(change.desired.flow, names) : '',
      )
      const { plan } = planAgainstDump({ ...options, bridge }, node, { file: 'dump', text: dump.join('\n') })
      expect(plan).toMatchObject({ changes: [], conflicts: [], unchanged: dump.length })
    }
  })
})
