import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { renderErrorsDoc } from '../../scripts/errors-doc-render.js'
import { desiredOfHalves } from '../support/plans.js'
import { compileReactive } from '../../src/compile/reactive.js'
import { loadManifests } from '../../src/manifest/load.js'
import { renderFlow } from '../../src/openflow/text/print.js'
import { renderPlanOfctl } from '../../src/plan/render-ofctl.js'
import { planAgainstEmpty } from '../../src/reconcile/offline.js'
import { reverseOf, routeOf } from '../../src/topology/connection.js'
import { supposedInterfaces, SupposedPorts } from '../../src/topology/supposed.js'
import { buildTopology } from '../../src/topology/topology.js'
import { objectHash } from '../../src/values/hash.js'
import { parseIpv4 } from '../../src/values/ipv4.js'
import { parseMac } from '../../src/values/mac.js'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

const manifests = (await loadManifests(['examples/two-networks'])).store?.all()
const threeNodes = (await loadManifests(['examples/three-nodes'])).store?.all()
const portMap = new Map([
  ['tap-vm1', 11],
  ['tap-vm2', 12],
  ['patch-tun', 6],
])
const timeouts = { idleTimeout: 300, hardTimeout: 0 }
const packetInLimit = { rate: 200, burst: 200 }

test('docs/errors.md is up to date with src/errors/codes.ts (else run `npm run docs`)', () => {
  expect(read('docs/errors.md')).toBe(renderErrorsDoc())
})

test('docs/pipeline.md shows the flows of examples/two-networks of a ping, of a muted port and of a br-tun, and no others', () => {
  const shown = read('docs/pipeline.md').split('\n')
  const flows = shown.filter((line) => line.startsWith('cookie=0x'))
  expect(flows.toSorted()).toEqual([...modelFlows(), ...reactiveFlows(), ...tunnelFlows()].toSorted())
})

function modelFlows(): readonly string[] {
  const options = { manifests: manifests!, bridge: 'br-int', timeouts, packetInLimit, portMap }
  const lines = renderPlanOfctl(planAgainstEmpty(options, undefined), true).split('\n')
  return lines.filter((line) => !line.startsWith('#'))
}

/** Of the tunnel bridge of node-c in examples/three-nodes. */
function tunnelFlows(): readonly string[] {
  const options = { bridge: 'br-tun', timeouts, packetInLimit, portMap: new Map<string, number>() }
  const report = planAgainstEmpty({ ...options, manifests: threeNodes! }, 'node-c')
  return renderPlanOfctl(report, true)
    .split('\n')
    .filter((line) => !line.startsWith('#'))
}

/** Of the connection that VM2 opens by a ping of VM1, and of VM1 when it is not heard. */
function reactiveFlows(): readonly string[] {
  const ports = new SupposedPorts(portMap)
  const interfaces = supposedInterfaces(manifests!, ports)
  const topology = buildTopology({ manifests: manifests!, node: undefined, interfaces })
  const half = {
    ofport: 12,
    segmentationId: 0x1f43,
    ethSrc: parseMac('fa:16:3e:cf:4b:ed')!,
    ethDst: parseMac('fa:16:3e:c5:02:4d')!,
    ipSrc: parseIpv4('10.2.0.3')!,
    ipDst: parseIpv4('10.1.0.3')!,
  }
  const route = routeOf(topology, half)
  if (typeof route === 'string') throw new Error(route)
  const desired = desiredOfHalves(topology, [half, reverseOf(route, half)], timeouts)
  const muted = { kind: 'muted', muted: { ofport: 11, object: objectHash('Port', 'vm1') } } as const
  const flows = [...desired.values(), compileReactive(topology, muted, timeouts)!]
  return flows.map(({ flow }) => renderFlow(flow, ports))
}
