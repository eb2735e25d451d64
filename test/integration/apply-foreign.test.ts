// Flows of somebody else on our bridge: they are never touched, also where they stand in our way.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { runCli } from '../support/cli.js'
import { flowAges, touchedFlows } from '../support/flow-ages.js'
import { createLab, type Lab } from '../support/lab.js'
import { copyExample, type ManifestFolder } from '../support/manifest-folder.js'
import type { Finished } from '../support/processes.js'

const FOREIGN = [
  'table=0,priority=0,actions=NORMAL',
  'table=0,priority=2000,cookie=0x1234,in_port=11,udp,actions=drop',
  'table=52,priority=7,cookie=0xdf02463e567e8acb,ip,actions=output:12',
  'table=99,priority=5,cookie=0x1,ip,actions=ct(commit),resubmit(,100)',
  'table=55,priority=100,cookie=0xd,metadata=0x1f42,dl_dst=fa:16:3e:00:17:e8,actions=group:4',
]

let lab: Lab
let manifests: ManifestFolder

beforeAll(async () => {
  lab = await createLab()
  await lab.addBridge('br-int')
  const vm1 = await lab.addVm({ name: 'vm1', interface: 'tap-vm1', mac: 'fa:16:3e:00:17:e6' })
  await vm1.plug({ ofport: 11 })
  await lab.ofctl('add-group', 'br-int', 'group_id=4,type=all,bucket=actions=output:11')
  manifests = await copyExample()
})

afterAll(async () => {
  await manifests.destroy()
  await lab.destroy()
})

async function reconcile(...args: readonly string[]): Promise<Finished> {
  return runCli([...args, manifests.path], { env: lab.env })
}

describe('flows of somebody else', () => {
  let foreign: readonly string[]

  const expectUntouched = async (run: () => Promise<unknown>): Promise<void> => {
    const before = await flowAges(lab)
    await run()
    const { kept } = touchedFlows(before, await flowAges(lab))
    expect(kept).toEqual(expect.arrayContaining([...foreign]))
  }

  beforeAll(async () => {
    for (const flow of FOREIGN) await lab.ofctl('add-flow', 'br-int', flow)
    foreign = [...(await flowAges(lab)).keys()]
    expect(foreign).toHaveLength(FOREIGN.length)
  })
  afterEach(() => manifests.reset())

  test('are there after the first run, among ours', async () => {
    await expectUntouched(async () => expect(await reconcile()).toMatchObject({ code: 0 }))
    expect(await lab.dumpFlows('br-int', 'cookie=0xdf01000000000000/0xffff000000000000')).not.toEqual([])
  })

  test('are there after a change of ours', async () => {
    await expectUntouched(async () => {
      await manifests.edit('networks.yaml', '0x1f42', '0x1f44')
      const { code, stdout } = await reconcile()
      expect({ code, stdout }).toEqual({
        code: 0,
        stdout: expect.stringContaining('10 to add, 1 to change, 10 to delete'),
      })
    })
  })

  test('are no difference', async () => {
    expect(await reconcile()).toMatchObject({ code: 0 })
    expect(await reconcile('--dry-run', '--detailed-exitcode')).toMatchObject({ code: 0 })
  })

  test('are there when all objects have gone from the manifests', async () => {
    await expectUntouched(async () => {
      for (const name of ['networks.yaml', 'ports.yaml', 'router.yaml']) await manifests.write(name, '')
      expect(await reconcile('--max-deletes', '100%')).toMatchObject({ code: 0 })
    })
    const pipeline = await lab.dumpFlows('br-int', 'cookie=0xdf01000000000000/0xffffc00000000000')
    expect(await lab.dumpFlows('br-int')).toHaveLength(pipeline.length + FOREIGN.length)
  })
})

describe('a foreign flow where one of ours should be', () => {
  const taken = 'table=55,priority=100,metadata=0x1f42,dl_dst=fa:16:3e:00:17:e6'

  beforeAll(async () => {
    await lab.ofctl('del-flows', 'br-int')
    await lab.ofctl('add-flow', 'br-int', `cookie=0xbad,${taken},actions=drop`)
  })

  test('is shown by the dry run with ours and its place, and is a difference', async () => {
    const { code, stdout } = await reconcile('--dry-run', '--detailed-exitcode')
    const lines = stdout.split('\n')
    const at = lines.findIndex((line) => line.startsWith('! conflict  Port vm1'))
    expect(code).toBe(2)
    expect(lines[at]).toContain(`${manifests.file('ports.yaml')}:4:19`)
    expect(lines[at + 1]).toMatch(/ours +cookie=0xdf014b\S+, table=55, .* actions=output:11$/)
    expect(lines[at + 2]).toMatch(/foreign +cookie=0xbad, table=55, .* actions=drop$/)
    expect(stdout).toContain('47 to add, 0 to change, 0 to delete, 0 unchanged, 1 in conflict')
  })

  test('is not taken over with --adopt when it does something else', async () => {
    const { stdout } = await reconcile('--dry-run', '--adopt')
    expect(stdout).toContain('47 to add, 0 to change, 0 to delete, 0 unchanged, 1 in conflict')
  })

  test('stays; everything else is applied; the exit code is 7', async () => {
    const { code, stdout, stderr } = await reconcile()
    expect(code).toBe(7)
    expect(stdout).toContain('! conflict  Port vm1')
    expect(stderr).toContain('applied and verified: ')
    expect(stderr).toContain('FOREIGN_FLOW\n')
    expect(await lab.dumpFlows('br-int', taken.replace('priority=100,', ''))).toEqual([
      expect.stringMatching(/^cookie=0xbad, .* actions=drop$/),
    ])
    expect(await lab.dumpFlows('br-int')).toHaveLength(48)
  })

  test('is still in conflict when there is nothing else to do, and then is the only difference', async () => {
    const { code, stdout, stderr } = await reconcile()
    expect(code).toBe(7)
    expect(stdout).toContain('0 to add, 0 to change, 0 to delete, 47 unchanged, 1 in conflict')
    expect(stderr).not.toContain('in sync')
    expect(await reconcile('--dry-run', '--detailed-exitcode')).toMatchObject({ code: 2 })
    expect(await reconcile('--dry-run')).toMatchObject({ code: 0 })
  })

  test('is in the JSON plan with the object and the place of ours', async () => {
    const { stdout } = await reconcile('--dry-run', '-o', 'json')
    expect(JSON.parse(stdout)).toMatchObject({
      plans: [
        {
          summary: { conflicts: 1 },
          conflicts: [
            {
              wanted: expect.stringContaining('actions=output:11'),
              foreign: expect.stringContaining('cookie=0xbad'),
              object: { kind: 'Port', name: 'vm1' },
              source: { file: manifests.file('ports.yaml'), line: 4 },
            },
          ],
        },
      ],
    })
  })

  test('gives way to ours once it is removed', async () => {
    await lab.ofctl('del-flows', 'br-int', 'cookie=0xbad/-1')
    expect(await reconcile()).toMatchObject({ code: 0 })
    expect(await lab.dumpFlows('br-int', taken.replace('priority=100,', ''))).toEqual([
      expect.stringMatching(/^cookie=0xdf014b\S+, .* actions=output:11$/),
    ])
  })
})

describe('flows of somebody else that do just what ours do', () => {
  const ours = 'cookie=0xdf01000000000000/0xffff000000000000'

  beforeAll(async () => {
    await manifests.reset()
    expect(await reconcile()).toMatchObject({ code: 0 })
    const copied = (await lab.dumpFlows('br-int', `table=55,${ours}`)).map((flow) =>
      flow.replace(/^cookie=\w+/, 'cookie=0xc0de'),
    )
    expect(copied.length).toBeGreaterThan(1)
    await lab.ofctl('del-flows', 'br-int', `table=55,${ours}`)
    for (const flow of copied) await lab.ofctl('add-flow', 'br-int', flow)
  })

  test('are conflicts, and are taken over with --adopt, which nothing follows', async () => {
    expect(await reconcile()).toMatchObject({ code: 7 })
    const planned = await reconcile('--dry-run', '--adopt')
    expect(planned.stdout).toMatch(/ 0 to add, [1-9]\d* to change, 0 to delete, \d+ unchanged\n/)
    expect(await reconcile('--adopt')).toMatchObject({ code: 0 })
    expect(await lab.dumpFlows('br-int', 'cookie=0xc0de/-1')).toEqual([])
    expect(await reconcile('--dry-run', '--detailed-exitcode')).toMatchObject({ code: 0 })
  })
})
