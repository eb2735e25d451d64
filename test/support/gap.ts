// How long nothing came: a ping a millisecond, or a TCP connection that echoes a byte a millisecond, runs while a test
// does something, and its longest silence comes out.
import { createInterface } from 'node:readline'
import { insideArgs, startInside } from './namespace.js'
import { collect, exited, start } from './processes.js'
import type { Vm } from './vm.js'

export interface Gap {
  /** The longest time between two answers, in milliseconds. */
  readonly longestMs: number
  readonly sent: number
  readonly received: number
}

export interface Measurement {
  /** Ends it and gives what it saw. */
  readonly stop: () => Promise<Gap>
}

/** Sends an echo request every millisecond; resolves with the first answer. */
export async function startPings(from: Vm, address: string): Promise<Measurement> {
  const ping = ['-n', '-D', '-i', '0.001', '-W', '1', address]
  const child = start('ip', insideArgs(from.netns, 'ping', ping))
  const output = collect(child.stdout)
  await firstLine(child.stdout, /bytes from/)
  return {
    stop: async () => {
      child.kill('SIGINT')
      await exited(child)
      const text = output()
      const times = [...text.matchAll(/^\[([\d.]+)\] \d+ bytes from/gm)].map(([, s]) => Number(s) * 1000)
      const [, sent, received] = /(\d+) packets transmitted, (\d+) received/.exec(text) ?? []
      return { longestMs: longestSilence(times), sent: Number(sent), received: Number(received) }
    },
  }
}

const ECHO_SERVER = `
const server = require('node:net').createServer((socket) => socket.setNoDelay().pipe(socket))
server.listen(() => console.log('listening', server.address().port))
`

/** Writes a byte every millisecond, and measures when the echoes come. An echo that is still under way at the end may come. */
const ECHO_CLIENT = `
const [host, port] = process.argv.slice(1)
const times = []
let [sent, received, ending] = [0, 0, false]
const socket = require('node:net').connect({ host, port }).setNoDelay()
const report = () => {
  console.log(JSON.stringify({ times, sent, received }))
  process.exit()
}
socket.once('data', () => console.log('connected'))
socket.on('data', (data) => {
  received += data.length
  times.push(performance.now())
  if (ending && received === sent) report()
})
socket.on('connect', () => {
  const timer = setInterval(() => { sent++; socket.write('x') }, 1)
  process.on('SIGTERM', () => { ending = true; clearInterval(timer); setTimeout(report, 5000).unref() })
})
socket.on('error', report)
`

/** Opens a TCP connection from one VM to another and keeps it busy; resolves with the first echo. */
export async function startTcp(from: Vm, to: Vm, address: string): Promise<Measurement> {
  const server = startInside(to.netns, process.execPath, ['-e', ECHO_SERVER])
  const [, port = ''] = await firstLine(server.stdout, /listening (\d+)/)
  const client = startInside(from.netns, process.execPath, ['-e', ECHO_CLIENT, address, port])
  const output = collect(client.stdout)
  await firstLine(client.stdout, /connected/)
  return {
    stop: async () => {
      client.kill('SIGTERM')
      await exited(client)
      server.kill('SIGKILL')
      await exited(server)
      const report = output()
        .split('\n')
        .find((line) => line.startsWith('{'))
      const { times, sent, received } = JSON.parse(report ?? '{}') as { times: number[] } & Gap
      return { longestMs: longestSilence(times), sent, received }
    },
  }
}

function longestSilence(times: readonly number[]): number {
  return times.slice(1).reduce((longest, time, i) => Math.max(longest, time - (times[i] ?? time)), 0)
}

async function firstLine(stream: NodeJS.ReadableStream | null, pattern: RegExp): Promise<RegExpExecArray> {
  if (!stream) throw new Error('no output')
  const lines = createInterface(stream)
  return new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      const match = pattern.exec(line)
      if (match) resolve(match)
    })
    lines.once('close', () => reject(new Error(`it ended before a line like ${String(pattern)}`)))
  })
}
