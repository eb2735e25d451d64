// Faults that others make on the switch: flows edited by hand, interfaces unplugged and plugged, port numbers changed.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Lab } from '../../test/support/lab.js'
import { waitFor } from '../../test/support/wait.js'
import { type Fault, Finding } from './fault.js'
import { GUESTS, PATCHES } from './manifests.js'
import type { Random } from './random.js'
import { plugPatch } from './world.js'

export const OURS = 'cookie=0xdf01000000000000/0xffff000000000000'
const FOREIGN_COOKIE = '0xfeed000000000000'
const FOREIGN = `cookie=${FOREIGN_COOKIE}/-1`

/** Matches of others that nothing of ours has and that no packet of the run meets. */
function foreignFlows(random: Random, cookie: string): readonly string[] {
  return Array.from({ length: 1 + random.below(20) }, () => {
    const [table, priority] = [
      random.pick([0, 1, 2, 23, 40, 51, 52, 54, 55, 56, 60, 99]),
      random.below(0xffff),
    ]
    const address = `192.0.2.${random.below(256)}`
    return `cookie=${cookie},table=${table},priority=${priority},ip,nw_src=${address},nw_dst=${address},actions=drop`
  })
}

async function addFlows(lab: Lab, flows: readonly string[]): Promise<void> {
  const file = join(lab.runDir, 'foreign-flows')
  await writeFile(file, flows.join('\n'))
  await lab.ofctl('add-flows', 'br-int', file)
}

/** Some flows of ours, as `--strict` takes them: table, priority and match. */
async function someOfOurs(lab: Lab, random: Random): Promise<readonly string[]> {
  const lines = await lab.dumpFlows('br-int', OURS)
  const chosen = Array.from({ length: 1 + random.below(10) }, () => random.pick(lines))
  return chosen.map((line) => {
    const [, table = 'table=0'] = /\b(table=\d+)/.exec(line) ?? []
    const [, match = ''] = /(priority=\S+)/.exec(line) ?? []
    return `${table},${match}`
  })
}

export const FLOW_FAULTS: readonly Fault[] = [
  {
    name: 'flows-delete-ours',
    uses: ['flows'],
    costs: 'repair',
    strike: ({ lab }) => lab.ofctl('del-flows', 'br-int', OURS),
  },
  {
    name: 'flows-delete-all',
    uses: ['flows'],
    costs: 'repair',
    strike: ({ lab }) => lab.ofctl('del-flows', 'br-int'),
  },
  {
    name: 'flows-delete-some',
    uses: ['flows'],
    costs: 'repair',
    strike: async ({ lab }, random) => {
      for (const flow of await someOfOurs(lab, random))
        await lab.ofctl('--strict', 'del-flows', 'br-int', flow)
    },
  },
  {
    name: 'flows-change',
    uses: ['flows'],
    costs: 'repair',
    strike: async ({ lab }, random) => {
      for (const flow of await someOfOurs(lab, random)) {
        await lab.ofctl(
          '--strict',
          'mod-flows',
          'br-int',
          `${flow},actions=${random.pick(['drop', 'output:999'])}`,
        )
      }
    },
  },
  {
    name: 'flows-foreign',
    uses: ['flows'],
    costs: 'none',
    strike: async ({ lab }, random) => {
      await addFlows(lab, foreignFlows(random, FOREIGN_COOKIE))
      const before = (await lab.dumpFlows('br-int', FOREIGN)).length
      await lab.ofctl('del-flows', 'br-int', `cookie=0xdf01010000000000/-1`) // something to mend, so that a pass is made
      await waitFor(
        async () => (await lab.dumpFlows('br-int', 'table=23,cookie=0xdf01010000000000/-1')).length > 0,
        {
          what: 'a pass',
          timeoutMs: 20_000,
        },
      )
      const after = (await lab.dumpFlows('br-int', FOREIGN)).length
      await lab.ofctl('del-flows', 'br-int', FOREIGN)
      if (after !== before) throw new Finding(`of ${before} foreign flows ${after} are left`)
    },
  },
  {
    name: 'flows-impostor',
    uses: ['flows'],
    costs: 'none',
    strike: async ({ lab }, random) =>
      addFlows(lab, foreignFlows(random, `0xdf0143${random.pick(['00', 'a7'])}00000000`)),
  },
]

async function ofportOf(lab: Lab, name: string): Promise<string> {
  return (await lab.vsctl('get', 'Interface', name, 'ofport')).trim()
}

/** Highest number that the run has asked for; every one is new, as a number that another port had is another fault. */
let lastOfport = 1_000

const INTERFACES = [...Object.values(GUESTS).map((guest) => guest.interface), ...PATCHES]

export const PORT_FAULTS: readonly Fault[] = [
  {
    name: 'port-replug',
    uses: ['ports'],
    costs: 'repair',
    strike: async ({ lab, guests }, random) => {
      const name = random.pick(INTERFACES)
      const guest = Object.values(guests).find((vm) => vm.interface === name)
      await lab.vsctl('del-port', name)
      if (guest) await guest.plug()
      else await lab.vsctl(...plugPatch(name))
    },
  },
  {
    name: 'port-renumber',
    uses: ['ports'],
    costs: 'repair',
    strike: ({ lab }, random) =>
      lab.vsctl('set', 'Interface', random.pick(INTERFACES), `ofport_request=${++lastOfport}`),
  },
]

/** The switch gives two tenants' ports each other's number, and then tells: for some milliseconds flows lead astray. */
export const PORT_SWAP: Fault = {
  name: 'port-swap',
  uses: ['ports'],
  costs: 'repair',
  strike: async ({ lab, guests: { a1, a2, b1 } }, random) => {
    const other = random.pick([a1, a2])
    const [first, second] = [await ofportOf(lab, other.interface), await ofportOf(lab, b1.interface)]
    await lab.vsctl(
      ...['set', 'Interface', other.interface, `ofport_request=${second}`, '--'],
      ...['set', 'Interface', b1.interface, `ofport_request=${first}`],
    )
  },
}
