// What the switch counts by itself, read from a real one.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { join } from 'node:path'
import { connectOpenFlow } from '../../src/openflow/connection.js'
import { OPENFLOW_13, OPENFLOW_15, type Version } from '../../src/openflow/version.js'
import { readSpoofed } from '../../src/switch/port-drops.js'
import { createLab, type Lab } from '../support/lab.js'
import { ipv4Frame } from '../support/packets.js'

let lab: Lab
beforeAll(async () => {
  lab = await createLab()
  await lab.addBridge('br-int')
})
afterAll(() => lab.destroy())

async function spoofed(version: Version): Promise<unknown> {
  const path = join(lab.runDir, 'br-int.mgmt')
  const connection = await connectOpenFlow({ kind: 'unix', path }, { versions: [version] })
  try {
    return Object.fromEntries(await readSpoofed(connection))
  } finally {
    connection.close()
  }
}

test.each<Version>([OPENFLOW_13, OPENFLOW_15])(
  'spoofed packets are those of the drop flow of each port, in version %d',
  async (version) => {
    await lab.ofctl('del-flows', 'br-int')
    expect(await spoofed(version)).toEqual({})
    await lab.ofctl('add-flow', 'br-int', 'table=0,actions=goto_table:2')
    for (const port of [7, 8]) {
      await lab.ofctl('add-flow', 'br-int', `cookie=0xdf01540000000001,table=2,in_port=${port},actions=drop`)
    }
    await lab.ofctl('add-flow', 'br-int', 'cookie=0x5,table=2,in_port=9,actions=drop') // a stranger's
    const frame = ipv4Frame().toString('hex')
    for (let n = 0; n < 3; n++) {
      await lab.ofctl('packet-out', 'br-int', `in_port=8,packet=${frame},actions=table`)
    }
    expect(await spoofed(version)).toEqual({ 7: 0, 8: 3 })
  },
)
