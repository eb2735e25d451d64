// How long the switch remembers a connection, and who says so: flag, environment, configuration file.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunningCli } from '../support/cli.js'
import type { Lab } from '../support/lab.js'
import {
  createTwoVmLab,
  connectionFlows,
  passesOf,
  portOf,
  punted,
  startWatch,
  TWO_NETWORKS,
  VM1,
  VM2,
  writeManifests,
} from '../support/scene.js'
import type { Vm } from '../support/vm.js'
import { waitFor } from '../support/wait.js'

describe('connection timeouts', () => {
  let lab: Lab
  let vm1: Vm
  let file: string
  let daemon: RunningCli

  beforeAll(async () => {
    ;({ lab, vm1 } = await createTwoVmLab())
    file = await writeManifests(lab, 'net.yaml', [...TWO_NETWORKS, portOf(VM1, 'net1'), portOf(VM2, 'net2')])
  })

  afterEach(() => daemon.stop())
  afterAll(() => lab.destroy())

  const timeoutsAfterPing = async (): Promise<readonly unknown[]> => {
    await vm1.ping('10.2.0.3', { count: 1 })
    return (await connectionFlows(lab)).map((flow) => [flow.idleTimeout, flow.hardTimeout])
  }

  const startConfigured = async (
    args: readonly string[],
    env: Record<string, string> = {},
  ): Promise<void> => {
    const config = join(lab.runDir, 'config.yaml')
    await writeFile(config, 'connections:\n  idleTimeout: 7\n  hardTimeout: 70\n')
    daemon = await startWatch(lab, [file, '--config', config, ...args], env)
  }

  test('an idle connection goes, no sweep puts it back, and its next packet does, without loss', async () => {
    daemon = await startWatch(lab, [
      ...[file, '--idle-timeout', '2', '--hard-timeout', '0', '--sweep-interval', '1'],
    ])
    expect(await timeoutsAfterPing()).toEqual([
      [2, 0],
      [2, 0],
    ])
    const expired = async () => (await connectionFlows(lab)).length === 0
    await waitFor(expired, { timeoutMs: 6_000, what: 'the end of the connection' })
    const sweeps = passesOf(daemon).length
    await waitFor(() => passesOf(daemon).length >= sweeps + 2, { what: 'two sweeps' })
    expect(await connectionFlows(lab)).toEqual([])
    const before = await punted(lab)
    expect(await vm1.ping('10.2.0.3', { count: 1 })).toMatchObject({ received: 1 })
    expect((await punted(lab)) - before).toBe(1)
    expect(await connectionFlows(lab)).toHaveLength(2)
  })

  test('the configuration file sets them', async () => {
    await startConfigured([])
    expect(await timeoutsAfterPing()).toEqual([
      [7, 70],
      [7, 70],
    ])
  })

  test('the environment wins over the file', async () => {
    await startConfigured([], { RECONCILE_IDLE_TIMEOUT: '5' })
    expect(await timeoutsAfterPing()).toEqual([
      [5, 70],
      [5, 70],
    ])
  })

  test('a flag wins over both', async () => {
    await startConfigured(['--idle-timeout', '0'], {
      RECONCILE_IDLE_TIMEOUT: '5',
      RECONCILE_HARD_TIMEOUT: '50',
    })
    expect(await timeoutsAfterPing()).toEqual([
      [0, 50],
      [0, 50],
    ])
  })

  test('connections that are open when the daemon starts get its timeouts and stay open', async () => {
    await startConfigured(['--idle-timeout', '9'])
    const flows = await connectionFlows(lab)
    expect(flows.map(({ idleTimeout, packets }) => [idleTimeout, packets > 0])).toEqual([
      [9, true],
      [9, true],
    ])
  })
})
