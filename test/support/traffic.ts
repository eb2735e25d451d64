// Traffic other than pings between VMs of a lab: raw frames, TCP connections, bursts of UDP.
import { createInterface } from 'node:readline'
import { insideArgs, startInside } from './namespace.js'
import { exited, runOrThrow, stop } from './processes.js'
import type { Vm } from './vm.js'

const SEND_FRAMES = `
import socket, sys
link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
link.bind((sys.argv[1], 0))
for frame in sys.argv[2:]: link.send(bytes.fromhex(frame))
`

/** Sends frames as they are, with any source and tag. Node.js has no raw sockets; Python comes with Open vSwitch. */
export async function sendFramesFrom(
  netns: string,
  device: string,
  frames: readonly Buffer[],
): Promise<void> {
  const hex = frames.map((frame) => frame.toString('hex'))
  await runOrThrow('ip', insideArgs(netns, 'python3', ['-c', SEND_FRAMES, device, ...hex]))
}

/** The same, out of a VM. */
export async function sendFrames(vm: Vm, ...frames: readonly Buffer[]): Promise<void> {
  await sendFramesFrom(vm.netns, 'eth0', frames)
}

const SEND_AGAIN_AND_AGAIN = `
import socket, sys, time
link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
link.bind(('eth0', 0))
print('sending', flush=True)
while True:
    for frame in sys.argv[1:]:
        link.send(bytes.fromhex(frame))
        time.sleep(0.002)
`

/** Sends these frames in turn, one every 2 ms, until the returned function is called. */
export async function startNoise(vm: Vm, frames: readonly Buffer[]): Promise<() => Promise<unknown>> {
  const hex = frames.map((frame) => frame.toString('hex'))
  const child = startInside(vm.netns, 'python3', ['-c', SEND_AGAIN_AND_AGAIN, ...hex])
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve())
    child.once('exit', () => reject(new Error('the sender ended')))
  })
  return () => stop(child, 'SIGKILL')
}

const TCP_SERVER = `
const [port] = process.argv.slice(1)
const server = require('node:net').createServer((socket) => { socket.end(); server.close() })
server.listen(port, () => console.log('listening'))
`
const TCP_CLIENT = `
const [host, port] = process.argv.slice(1)
const begin = performance.now()
require('node:net').connect({ host, port }, function () {
  console.log(performance.now() - begin)
  this.end()
})
`

/** Milliseconds until a TCP connection is open. A lost SYN would cost a second (RFC 6298, section 2.1). */
export async function tcpConnectMs(client: Vm, server: Vm, address: string): Promise<number> {
  const port = '8080'
  const { done } = await startServer(server, TCP_SERVER, port)
  const ms = Number(await client.exec(process.execPath, '-e', TCP_CLIENT, address, port))
  await done
  return ms
}

const UDP_SERVER = `
const [port, count] = process.argv.slice(1)
const socket = require('node:dgram').createSocket('udp4')
let timer
socket.on('message', (message) => {
  console.log(String(message))
  clearTimeout(timer)
  timer = setTimeout(() => socket.close(), 500)
})
socket.bind(Number(port), () => console.log('listening'))
`
const UDP_CLIENT = `
const [host, port, count] = process.argv.slice(1)
const socket = require('node:dgram').createSocket('udp4')
let left = Number(count)
for (let i = 0; i < count; i++) socket.send(String(i), Number(port), host, () => --left || socket.close())
`

/** Sends datagrams with the numbers 0, 1, 2... as fast as it can; gives the numbers in the order of their arrival. */
export async function udpBurst(
  client: Vm,
  server: Vm,
  address: string,
  count: number,
): Promise<readonly number[]> {
  const port = '5353'
  const { lines, done } = await startServer(server, UDP_SERVER, port)
  await client.exec(process.execPath, '-e', UDP_CLIENT, address, port, String(count))
  await done
  return lines.map(Number)
}

async function startServer(vm: Vm, script: string, ...args: readonly string[]) {
  const child = startInside(vm.netns, process.execPath, ['-e', script, ...args])
  const lines: string[] = []
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the server ended before it listened')))
    createInterface(child.stdout as NodeJS.ReadableStream).on('line', (line) => {
      if (line === 'listening') resolve()
      else lines.push(line)
    })
  })
  return { lines, done: exited(child) }
}
