// Faults of processes: killed, ended, stopped; and of the connection between them.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from './fault.js'

const SWITCH = ['switch', 'database', 'flows', 'ports'] as const

export const DAEMON_FAULTS: readonly Fault[] = [
  {
    name: 'daemon-kill',
    uses: ['daemon'],
    costs: 'none',
    strike: async ({ daemon }, random) => {
      await daemon.stop('SIGKILL')
      await sleep(random.below(300))
      daemon.start()
    },
  },
  {
    name: 'daemon-restart',
    uses: ['daemon'],
    costs: 'none',
    strike: async ({ daemon }) => {
      await daemon.stop('SIGTERM')
      daemon.start()
    },
  },
  {
    name: 'daemon-pause',
    uses: ['daemon'],
    costs: 'none',
    strike: async ({ daemon }, random) => {
      daemon.signal('SIGSTOP')
      await sleep(random.between(300, 3_000))
      daemon.signal('SIGCONT')
    },
  },
]

export const CONNECTION_FAULTS: readonly Fault[] = [
  {
    name: 'control-cut',
    uses: ['control'],
    costs: 'none',
    strike: ({ proxy }) => {
      proxy.cut()
      return Promise.resolve()
    },
  },
  {
    name: 'control-stall',
    uses: ['control'],
    costs: 'none',
    strike: async ({ proxy }, random) => {
      proxy.stall()
      await sleep(random.between(500, 4_000))
      proxy.resume()
    },
  },
]

export const SWITCH_FAULTS: readonly Fault[] = [
  {
    name: 'vswitchd-kill',
    uses: SWITCH,
    costs: 'switch',
    strike: ({ lab }) => lab.restartSwitchd('SIGKILL'),
  },
  {
    name: 'vswitchd-restart',
    uses: SWITCH,
    costs: 'switch',
    strike: ({ lab }) => lab.restartSwitchd(),
  },
  {
    name: 'ovsdb-kill',
    uses: SWITCH,
    costs: 'switch',
    strike: async ({ database }) => {
      await database.stop('SIGKILL')
      await database.start()
    },
  },
  {
    name: 'ovsdb-restart',
    uses: SWITCH,
    costs: 'switch',
    strike: async ({ database }) => {
      await database.stop('SIGTERM')
      await database.start()
    },
  },
  {
    // Shorter than the probe by which ovs-vswitchd would take it for dead (5 s).
    name: 'ovsdb-pause',
    uses: SWITCH,
    costs: 'none',
    strike: async ({ database }, random) => {
      await database.signal('SIGSTOP')
      await sleep(random.between(300, 2_500))
      await database.signal('SIGCONT')
    },
  },
]
