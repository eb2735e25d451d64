// `reconcile dump` beside `ovs-ofctl dump-flows`, line for line, on a real switch.
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { actionVectors, matchVectors, textVectors } from '../golden/openflow/vectors.js'
import { addAcceptedFlows } from '../support/accepted-flows.js'
import { CLI, runCli, startCli } from '../support/cli.js'
import { createLab, type Lab } from '../support/lab.js'
import { run } from '../support/processes.js'
import { TLV_MAP } from '../support/random-flows.js'

let lab: Lab

beforeAll(async () => {
  lab = await createLab()
  await lab.addBridge('br-int')
  for (const [i, name] of PORTS.entries()) {
    const request = ['type=internal', `ofport_request=${i + 11}`]
    await lab.vsctl('add-port', 'br-int', name, '--', 'set', 'Interface', name, ...request)
  }
  await lab.ofctl('add-tlv-map', 'br-int', TLV_MAP)
  await lab.ofctl('add-group', 'br-int', 'group_id=1,type=all,bucket=output:11')
  await lab.ofctl('add-meter', 'br-int', 'meter=1,pktps,band=type=drop,rate=100')
})

afterAll(() => lab.destroy())

/** The first two have the numbers of most vectors, and one of them a name in quotes. */
const PORTS = ['p1', 'tap-vm1', 'eth0.100']

async function reconcileDump(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runCli(['dump', ...args], { env: lab.env })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
}

/** Options that both programs have mean the same, but for those that ovs-ofctl has on unless told otherwise. */
async function ofctlDump(protocol: string, options: readonly string[], ...filter: string[]): Promise<string> {
  const names = options.includes('--names') ? '--names' : '--no-names'
  const stats = options.includes('--stats') ? '--stats' : '--no-stats'
  const sort = options.filter((option) => option === '--sort')
  return lab.ofctl('-O', protocol, names, stats, ...sort, 'dump-flows', 'br-int', ...filter)
}

/** Time goes on between two dumps. */
function withoutTimes(dump: string): string {
  return dump.replace(/duration=[\d.]+s/g, 'duration=…').replace(/_age=\d+/g, '_age=…')
}

const PROTOCOLS = ['OpenFlow13', 'OpenFlow14', 'OpenFlow15'] as const

describe('all recorded flows that a switch takes', () => {
  beforeAll(async () => {
    const taken = [...textVectors, ...matchVectors].filter(
      ({ flow_stats_entry_hex, text }) => flow_stats_entry_hex !== null || text.includes('tun_metadata0'),
    )
    // Of a mask of whole bytes on tunnel metadata ovs-ofctl shows nothing; we do.
    const all = [...taken, ...actionVectors]
      .map(({ text }) => text)
      .filter((text) => !text.includes('=0x34/0xff'))
    // Many have the same match, so each gets a priority of its own.
    const flows = [...new Set(all.map((text) => text.replace(/priority=\w+,/g, '')))].map(
      (text, n) => `priority=${n + 1},${text}`,
    )
    const added = await addAcceptedFlows(lab, 'br-int', flows, flows.length / 20)
    expect(added.length).toBeGreaterThan(480)
  }, 120_000)

  describe.each(PROTOCOLS)('in %s', (protocol) => {
    test.each([
      [[]],
      [['--names']],
      [['--sort']],
      [['--stats']],
      [['--names', '--sort']],
      [['--names', '--stats']],
      [['--stats', '--sort']],
    ])('are printed with %j as ovs-ofctl prints them', async (options) => {
      const ours = await reconcileDump('-O', protocol, ...options)
      const theirs = await ofctlDump(protocol, options)
      expect(withoutTimes(ours).split('\n')).toEqual(withoutTimes(theirs).split('\n'))
    })
  })

  test('are printed in the best version when none is asked for', async () => {
    expect(await reconcileDump()).toBe(await ofctlDump('OpenFlow15', []))
  })

  test.each([
    'table=1',
    'table=2,ip',
    'ip,nw_dst=10.0.0.0/8',
    'reg0=7',
    'metadata=0x1f42,table=52',
    'in_port=11',
    'out_port=12',
    'out_group=1',
    'cookie=0xfedcba9876543210/-1',
    'cookie=0x1/0x1',
    'table=77',
  ])('can be chosen by %s', async (filter) => {
    for (const protocol of ['OpenFlow13', 'OpenFlow15']) {
      const ours = await reconcileDump('-O', protocol, filter)
      expect(ours).toBe(await ofctlDump(protocol, [], filter))
      expect(ours === '').toBe(filter === 'table=77')
    }
  })

  test('can be chosen by the name of a port', async () => {
    const byName = await reconcileDump('out_port=tap-vm1')
    expect(byName).toBe(await reconcileDump('out_port=12'))
    expect(byName).not.toBe('')
  })

  test('are records in JSON, with their text', async () => {
    const dump = JSON.parse(await reconcileDump('-o', 'json')) as {
      flows: readonly Readonly<Record<string, unknown>>[]
    }
    expect(dump).toMatchObject({ bridge: 'br-int', version: '1.5' })
    const lines = (await reconcileDump()).trimEnd().split('\n')
    expect(dump.flows.map(({ flow }) => ` ${String(flow)}`)).toEqual(lines)
    expect(dump.flows.find(({ cookie }) => cookie === '0xfedcba9876543210')).toMatchObject({
      table: 1,
      idleTimeout: 0,
      flags: [],
      match: [],
      instructions: [],
    })
  })
})

describe('counters', () => {
  beforeAll(async () => {
    await lab.ofctl('del-flows', 'br-int')
    await lab.ofctl(
      'add-flow',
      'br-int',
      'cookie=0x7,in_port=12,idle_timeout=3000,send_flow_rem,actions=output:11',
    )
    const frame = `fa163e000001fa163e00000208060001${'00'.repeat(26)}`
    for (let n = 0; n < 3; n++) {
      await lab.ofctl('packet-out', 'br-int', `in_port=12,packet=${frame},actions=table`)
    }
  })

  test.each(PROTOCOLS)('are those of ovs-ofctl in %s', async (protocol) => {
    const ours = await reconcileDump('-O', protocol, '--stats')
    expect(withoutTimes(ours)).toBe(withoutTimes(await ofctlDump(protocol, ['--stats'])))
    expect(ours).toContain(' n_packets=3, n_bytes=126, ')
  })

  test('are numbers in JSON, where they are asked for', async () => {
    const stats = { packets: 3, bytes: 126, duration: expect.any(Number), idleAge: expect.any(Number) }
    const record = async (...args: readonly string[]): Promise<unknown> =>
      (JSON.parse(await reconcileDump('-o', 'json', ...args)) as { flows: readonly unknown[] }).flows[0]
    expect(await record('--stats')).toMatchObject({ cookie: '0x7', stats })
    expect(await record('--stats', '-O', 'OpenFlow13')).toMatchObject({ stats: { ...stats, idleAge: null } })
    expect(await record()).not.toHaveProperty('stats')
  })
})

test('ports of which OpenFlow tells the same first 15 letters are printed by number, as by ovs-ofctl', async () => {
  const [one, two] = ['a-name-of-18-bytes1', 'a-name-of-18-bytes2']
  await lab.vsctl(
    ...['add-port', 'br-int', one, '--', 'set', 'Interface', one, 'type=patch', `options:peer=${two}`, '--'],
    ...['add-port', 'br-int', two, '--', 'set', 'Interface', two, 'type=patch', `options:peer=${one}`],
  )
  const ofports = await Promise.all([one, two].map((name) => lab.vsctl('get', 'Interface', name, 'ofport')))
  await lab.ofctl(
    'add-flow',
    'br-int',
    `in_port=${ofports[0] ?? ''},actions=output:${ofports[1] ?? ''},output:12`,
  )
  const names = await reconcileDump('--names')
  expect(names).toBe(await ofctlDump('OpenFlow15', ['--names']))
  expect(names).toContain(`output:${ofports[1] ?? ''},output:"tap-vm1"`)
})

describe('many flows', () => {
  const COUNT = 10_000

  beforeAll(async () => {
    const flows = Array.from(
      { length: COUNT },
      (_, n) => `table=9,cookie=${n},ip,nw_dst=10.${n >> 8}.${n & 255}.1,actions=dec_ttl,output:12`,
    )
    await addAcceptedFlows(lab, 'br-int', flows)
  })

  test('come in many parts, and in the order of ovs-ofctl', async () => {
    for (const options of [[], ['--stats'], ['--sort']]) {
      const ours = await reconcileDump(...options)
      expect(withoutTimes(ours) === withoutTimes(await ofctlDump('OpenFlow15', options))).toBe(true)
    }
    const { flows } = JSON.parse(await reconcileDump('-o', 'json')) as { flows: readonly unknown[] }
    expect(flows).toHaveLength(COUNT)
  })

  test('are not an error for a reader who has seen enough', async () => {
    const pipe = `set -o pipefail; "$1" "$2" dump | head -1`
    const finished = await run('bash', ['-c', pipe, 'bash', process.execPath, CLI], lab)
    const [first = ''] = (await ofctlDump('OpenFlow15', [])).split('\n')
    expect(finished).toEqual({ code: 0, stdout: `${first}\n`, stderr: '' })
  })

  test('wait for a reader who takes his time', async () => {
    const { child, stdout } = startCli(['dump'], { lab })
    child.stdout?.pause()
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect(child.exitCode).toBeNull()
    child.stdout?.resume()
    await once(child, 'close')
    expect(child.exitCode).toBe(0)
    expect(stdout() === (await ofctlDump('OpenFlow15', []))).toBe(true)
  })
})

describe('without a dump', () => {
  test.each([
    [['--bridge', 'br-none'], 1, 'SWITCH_UNREACHABLE', 'br-none.mgmt'],
    [['-O', 'OpenFlow10'], 64, 'Allowed choices are OpenFlow13, OpenFlow14, OpenFlow15.', ''],
    [['table=1,nonsense'], 64, 'USAGE', '"nonsense" is not'],
    [['cookie=5'], 64, 'USAGE', 'a cookie and a mask'],
    [['in_port=nobody'], 64, 'USAGE', 'nobody'],
  ])('as for %j, the exit code and message say why', async (args, exitCode, ...messages) => {
    const { code, stdout, stderr } = await runCli(['dump', ...args], { env: lab.env })
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' })
    for (const message of messages) expect(stderr).toContain(message)
  })

  test('a bridge that does not allow the version says which ones it does', async () => {
    await lab.addBridge('br-13', { protocols: 'OpenFlow13' })
    const { code, stderr } = await runCli(['dump', '--bridge', 'br-13', '-O', 'OpenFlow15'], { env: lab.env })
    expect(code).toBe(1)
    expect(stderr).toContain('The bridge speaks OpenFlow 1.3, but not 1.5.')
    expect((await runCli(['dump', '--bridge', 'br-13'], { env: lab.env })).code).toBe(0)
  })
})
