// A flow table of a real switch with 100,000 flows: our commands beside those of ovs-ofctl on the same table, in turns, and
// the codec alone on the very bytes that the switch sent.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { decode, encode } from '../src/openflow/codec.js'
import { connectOpenFlow } from '../src/openflow/connection.js'
import { type Flow, flowAttributes, flowInstructions, flowKey } from '../src/openflow/flow.js'
import { MessageFramer } from '../src/openflow/framing.js'
import { OPENFLOW_15 } from '../src/openflow/version.js'
import { commitBundle } from '../src/switch/bundle.js'
import { ALL_FLOWS, dumpFlows } from '../src/switch/dump.js'
import { flowModOf, type FlowModMessage } from '../src/switch/flow-mods.js'
import { CLI } from '../test/support/cli.js'
import type { Lab } from '../test/support/lab.js'
import { median, printFigure, printHeading } from './figures.js'

const BRIDGE = 'br-table'
const FLOWS = 100_000
const TURNS = 7
const CODEC_TURNS = 15
const OURS = [process.execPath, CLI]

/** Type of the message, and where its flags stand (OpenFlow 1.5.1, section 7.3.5); bit 0: more parts follow. */
const MULTIPART_REPLY = 19
const MULTIPART_FLAGS_AT = 10

export async function benchFlowTable(lab: Lab): Promise<void> {
  await lab.addBridge(BRIDGE)
  const flows = join(lab.runDir, 'flows.txt')
  await writeFile(flows, connectionFlows())
  printHeading(`whole commands, ${FLOWS} flows`)
  await benchAdds(lab, flows)
  await benchDumps(lab)
  await benchDiffs(lab)
  benchCodec(await replyOf(lab))
}

async function benchDumps(lab: Lab): Promise<void> {
  const dump = join(lab.runDir, 'dump.txt')
  const options = ['-O', 'OpenFlow15', '--no-stats', '--no-names']
  await inTurns(
    {
      name: 'ovs-ofctl dump-flows',
      run: () => timed(lab, ['ovs-ofctl', ...options, 'dump-flows', BRIDGE], dump),
    },
    { name: 'reconcile dump', run: () => timed(lab, [...OURS, 'dump', '--bridge', BRIDGE], dump) },
  )
}

async function benchDiffs(lab: Lab): Promise<void> {
  const [dump, differences] = [join(lab.runDir, 'dump.txt'), join(lab.runDir, 'differences.txt')]
  const theirs = ['ovs-ofctl', '-O', 'OpenFlow15', 'diff-flows', BRIDGE, dump]
  const ours = [...OURS, 'diff', 'switch', `file:${dump}`, '--bridge', BRIDGE]
  await inTurns(
    { name: 'ovs-ofctl diff-flows', run: () => timed(lab, theirs, differences) },
    { name: 'reconcile diff', run: () => timed(lab, ours, differences) },
  )
  if ((await readFile(differences, 'utf8')) !== '') throw new Error('a table differs from its own dump')
}

/** The adding alone: theirs reads text and sends, ours sends what was read before. */
async function benchAdds(lab: Lab, flows: string): Promise<void> {
  const connection = await connectOpenFlow({ kind: 'unix', path: join(lab.runDir, `${BRIDGE}.mgmt`) })
  const theirs = ['ovs-ofctl', '-O', 'OpenFlow15', '--bundle', 'add-flows', BRIDGE, flows]
  await timed(lab, theirs, '/dev/null')
  const messages = (await dumpFlows(connection)).map(addOf)
  const emptied = async (run: () => Promise<number>) => {
    await lab.ofctl('del-flows', BRIDGE)
    return run()
  }
  await inTurns(
    {
      name: 'ovs-ofctl --bundle add-flows',
      run: () => emptied(() => timed(lab, theirs, '/dev/null')),
    },
    {
      name: 'the same flows as a bundle of ours',
      run: () => emptied(() => elapsed(() => commitBundle(connection, messages))),
    },
  )
  connection.close()
}

function benchCodec(reply: Buffer): void {
  printHeading(`codec, ${FLOWS} flows`)
  const [decoding, comparing, encoding]: [number[], number[], number[]] = [[], [], []]
  for (let i = 0; i < CODEC_TURNS; i++) {
    let flows: readonly Flow[] = []
    decoding.push(elapsedNow(() => (flows = decodeFlows(reply))))
    comparing.push(elapsedNow(() => flows.forEach(canonicalTexts)))
    const messages = flows.map(addOf)
    encoding.push(elapsedNow(() => messages.forEach((message) => encode(OPENFLOW_15, 0, message))))
  }
  for (const [name, samples] of Object.entries({
    'decode the dump': decoding,
    'canonical texts of all flows': comparing,
    'encode flow-mods': encoding,
  })) {
    printFigure({ name, samples })
    console.log(`    ${Math.round(FLOWS / (median(samples) / 1000)).toLocaleString('en')} flows per second`)
  }
}

function decodeFlows(reply: Buffer): readonly Flow[] {
  const parts = new MessageFramer().push(reply).map((bytes) => {
    const { message } = decode(bytes)
    return message.type === 'flow_stats_reply' ? message.flows : []
  })
  return ([] as readonly Flow[]).concat(...parts)
}

function canonicalTexts(flow: Flow): void {
  flowKey(flow)
  flowInstructions(flow)
  flowAttributes(flow)
}

function addOf(flow: Flow): FlowModMessage {
  return flowModOf({
    kind: 'add',
    desired: { flow, key: '', instructions: '', reasons: [] },
  })
}

/** The bytes with which the switch answers a request for all flows. */
async function replyOf(lab: Lab): Promise<Buffer> {
  const socket = connect(join(lab.runDir, `${BRIDGE}.mgmt`))
  const framer = new MessageFramer()
  const parts: Buffer[] = []
  socket.write(encode(OPENFLOW_15, 0, { type: 'hello', versions: [OPENFLOW_15] }))
  socket.write(encode(OPENFLOW_15, 1, { type: 'flow_stats_request', flags: 0, ...ALL_FLOWS }))
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    const replies = framer.push(chunk).filter((bytes) => bytes.readUInt8(1) === MULTIPART_REPLY)
    parts.push(...replies.map((bytes) => Buffer.from(bytes)))
    if (replies.some((bytes) => (bytes.readUInt16BE(MULTIPART_FLAGS_AT) & 1) === 0)) break
  }
  return Buffer.concat(parts)
}

interface Contender {
  readonly name: string
  /** Gives the milliseconds it took. */
  readonly run: () => Promise<number>
}

/** One after the other and again, so that a busy moment of the machine meets both. */
async function inTurns(theirs: Contender, ours: Contender): Promise<void> {
  const samples: [number[], number[]] = [[], []]
  for (let i = 0; i < TURNS; i++) {
    samples[0].push(await theirs.run())
    samples[1].push(await ours.run())
  }
  printFigure({ name: theirs.name, samples: samples[0] })
  printFigure({ name: ours.name, samples: samples[1] })
  console.log(`    ratio of the medians: ${(median(samples[1]) / median(samples[0])).toFixed(2)}`)
}

/** Runs a command with its output in a file. Exit codes other than 0 throw. */
async function timed(lab: Lab, [command = '', ...args]: readonly string[], output: string): Promise<number> {
  const file = await open(output, 'w')
  try {
    return await elapsed(async () => {
      const child = spawn(command, args, {
        env: { ...process.env, ...lab.env },
        stdio: ['ignore', file.fd, 'inherit'],
      })
      const [code] = (await once(child, 'exit')) as [number | null]
      if (code !== 0) throw new Error(`${command} ${args.join(' ')}: exit code ${code}`)
    })
  } finally {
    await file.close()
  }
}

async function elapsed(run: () => Promise<unknown>): Promise<number> {
  const begin = performance.now()
  await run()
  return performance.now() - begin
}

function elapsedNow(run: () => void): number {
  const begin = performance.now()
  run()
  return performance.now() - begin
}

/** Flows such as the reactive path installs between 2,000 ports in 10 networks, all different. */
function connectionFlows(): string {
  const ports = [...Array(PORTS).keys()]
  const lines = ports.flatMap((source) =>
    ports.slice(0, FLOWS / PORTS).map((offset) => connectionFlow(source, (source + offset + 1) % PORTS)),
  )
  return `${lines.join('\n')}\n`
}

function connectionFlow(source: number, target: number): string {
  const [from, to] = [networkOf(source), networkOf(target)]
  const cookie = `0xdf010401${(source * PORTS + target).toString(16).padStart(8, '0')}`
  const match = `ip,metadata=${from + 1},dl_src=${macOf(source)},dl_dst=${gatewayOf(from)},nw_src=${ipOf(source)},nw_dst=${ipOf(target)}`
  const actions = `dec_ttl,set_field:${gatewayOf(to)}->eth_src,set_field:${macOf(target)}->eth_dst,set_field:${to + 1}->metadata,resubmit(,55)`
  return `cookie=${cookie},table=52,idle_timeout=300,priority=20,${match} actions=${actions}`
}

const PORTS = 2_000
const PORTS_PER_NETWORK = 200

const networkOf = (port: number) => Math.floor(port / PORTS_PER_NETWORK)
const hex = (byte: number) => byte.toString(16).padStart(2, '0')
const macOf = (port: number) => `fa:16:3e:00:${hex(port >> 8)}:${hex(port & 0xff)}`
const gatewayOf = (network: number) => `fa:16:3e:01:00:${hex(network)}`
const ipOf = (port: number) => `10.${networkOf(port)}.0.${(port % PORTS_PER_NETWORK) + 10}`
