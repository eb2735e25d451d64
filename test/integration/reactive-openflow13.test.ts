// The reactive path on a bridge that allows OpenFlow 1.3 alone.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createLab, type Lab } from '../support/lab.js'
import { countersOf, portOf, startWatch, TWO_NETWORKS, VM1, VM2, writeManifests } from '../support/scene.js'
import type { Vm } from '../support/vm.js'

let lab: Lab
let vm1: Vm

beforeAll(async () => {
  lab = await createLab()
  await lab.addBridge('br-int', { protocols: 'OpenFlow13' })
  vm1 = await lab.addVm(VM1)
  const vm2 = await lab.addVm(VM2)
  await vm1.plug()
  await vm2.plug()
})

afterAll(() => lab.destroy())

test('first packets are answered in OpenFlow 1.3, and the flows carry their timeout', async () => {
  const net = [...TWO_NETWORKS, portOf(VM1, 'net1'), portOf(VM2, 'net2')]
  const daemon = await startWatch(lab, [await writeManifests(lab, 'net.yaml', net)])
  expect(await vm1.ping('10.2.0.3', { count: 1 })).toMatchObject({ received: 1 })
  expect(await vm1.ping('10.2.0.3', { count: 5, intervalMs: 20 })).toMatchObject({ received: 5 })
  const dump = await lab.ofctl('-O', 'OpenFlow13', 'dump-flows', 'br-int', 'table=52')
  const connections = dump.split('\n').filter((line) => line.includes('idle_timeout=300'))
  expect(connections).toHaveLength(2)
  expect((await countersOf(daemon)).packetIns).toBe(1)
})
