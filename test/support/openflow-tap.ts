// A tap on an OpenFlow connection: the program under test connects to it instead of to the bridge, everything is passed
// on both ways, and the names of the messages that the program sent come out. The headers are read by the text of the
// OpenFlow 1.3 to 1.5 specifications and not by the code under test.
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Lab } from './lab.js'

/** OpenFlow 1.5.1, section 7.1; the numbers are the same in 1.3 as far as it has the message. */
const TYPES: Readonly<Record<number, string>> = {
  0: 'hello',
  3: 'echo_reply',
  4: 'experimenter',
  13: 'packet_out',
  14: 'flow_mod',
  18: 'multipart_request',
  20: 'barrier_request',
  28: 'set_async',
  33: 'bundle_control',
  34: 'bundle_add',
}
const EXPERIMENTER = 4
const BUNDLE_ADD = 34
/** ONF extension 230: bundles for OpenFlow 1.3, as experimenter messages of the ONF (0x4f4e4600). */
const ONF_BUNDLE_ADD = { experimenter: 0x4f4e4600, type: 2301 } as const

const HEADER = 8
/** Bytes before the message inside a bundle: header, bundle id, flags; the ONF's has experimenter and type as well. */
const BEFORE_INNER = 16
const BEFORE_ONF_INNER = 24

export interface OpenFlowTap {
  /** For `--openflow`. */
  readonly remote: string
  /** Every message that was sent to the switch so far; in place of a bundle-add the message inside. */
  readonly sent: readonly string[]
  /** Number of messages of that name since the last call of `clear`. */
  readonly count: (name: string) => number
  readonly clear: () => void
  readonly close: () => void
}

export interface TapOptions {
  /** `br-int` unless given. */
  readonly bridge?: string
  /** Answers a request for a flow monitor as a switch does that has none. */
  readonly refuseMonitor?: boolean
}

/** Listens beside the bridge's own management socket. */
export async function tapOpenFlow(
  lab: Lab,
  { bridge = 'br-int', refuseMonitor = false }: TapOptions = {},
): Promise<OpenFlowTap> {
  const path = join(lab.runDir, `${bridge}.tap`)
  const sent: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(join(lab.runDir, `${bridge}.mgmt`))
    client.on(
      'data',
      cutMessages((message) => {
        sent.push(nameOf(message))
        if (refuseMonitor && isMonitorRequest(message)) client.write(refusalOf(message))
        else upstream.write(message)
      }),
    )
    upstream.pipe(client)
    for (const [socket, other] of [[client, upstream] as const, [upstream, client] as const]) {
      sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => sockets.delete(socket) && other.destroy())
    }
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  return {
    remote: `unix:${path}`,
    sent,
    count: (name) => sent.filter((each) => each === name).length,
    clear: () => sent.splice(0),
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

/** Cuts a stream into messages by the length in their headers. */
function cutMessages(onMessage: (message: Buffer) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0)
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= HEADER && rest.length >= rest.readUInt16BE(2)) {
      const length = rest.readUInt16BE(2)
      onMessage(rest.subarray(0, length))
      rest = rest.subarray(length)
    }
  }
}

const MULTIPART_REQUEST = 18
const FLOW_MONITOR = 16

function isMonitorRequest(message: Buffer): boolean {
  return message.readUInt8(1) === MULTIPART_REQUEST && message.readUInt16BE(HEADER) === FLOW_MONITOR
}

/** OFPET_BAD_REQUEST, OFPBRC_BAD_MULTIPART, with the request's version and xid and its first bytes. */
function refusalOf(request: Buffer): Buffer {
  const data = request.subarray(0, 64)
  const error = Buffer.alloc(HEADER + 4)
  error.writeUInt8(request.readUInt8(0), 0)
  error.writeUInt8(1, 1)
  error.writeUInt16BE(error.length + data.length, 2)
  request.copy(error, 4, 4, HEADER)
  error.writeUInt16BE(1, HEADER)
  error.writeUInt16BE(2, HEADER + 2)
  return Buffer.concat([error, data])
}

function nameOf(message: Buffer): string {
  const type = message.readUInt8(1)
  if (type === BUNDLE_ADD) return nameOf(message.subarray(BEFORE_INNER))
  if (type === EXPERIMENTER && isOnfBundleAdd(message)) return nameOf(message.subarray(BEFORE_ONF_INNER))
  return TYPES[type] ?? `type ${type}`
}

function isOnfBundleAdd(message: Buffer): boolean {
  const { experimenter, type } = ONF_BUNDLE_ADD
  return message.readUInt32BE(8) === experimenter && message.readUInt32BE(12) === type
}
