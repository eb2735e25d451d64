// Millions of broken inputs for the OpenFlow codec: messages cut, changed, spliced or made up, and lines of text likewise. Prints
// what came of them; exit 1 with the input when one of them throws what is not a typed error.
import { parseArgs } from 'node:util'
import { ReconcileError } from '../src/errors/error.js'
import { decode, encode } from '../src/openflow/codec.js'
import { parseFlow } from '../src/openflow/text/parse.js'
import { NO_NAMES } from '../src/openflow/text/port-names.js'
import { flowVectors, messageVectors, rawVectors } from '../test/golden/openflow/vectors.js'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '10000000' },
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string', default: 'Infinity' },
  },
})
const [count, seed, seconds] = [Number(values.count), Number(values.seed), Number(values.seconds)]

const messages = [
  ...messageVectors.map(({ message_hex }) => message_hex),
  ...[...flowVectors, ...rawVectors].flatMap(({ flow_mod_hex }) => flow_mod_hex ?? []),
].map((hex) => Buffer.from(hex, 'hex'))

const texts = flowVectors.flatMap(({ text, dump_text }) => [text, ...(dump_text === null ? [] : [dump_text])])

let state = seed | 0

/** 0 to `below` - 1: mulberry32, so that a seed gives the same inputs everywhere. */
function random(below: number): number {
  state = (state + 0x6d2b79f5) | 0
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
}

function pick<T>(items: readonly T[]): T {
  const item = items[random(items.length)]
  if (item === undefined) throw new Error('nothing to pick from')
  return item
}

/** With the length in the header made true, so that what lies inside is reached. */
function framed(bytes: Buffer): Buffer {
  if (bytes.length >= 4) bytes.writeUInt16BE(bytes.length, 2)
  return bytes
}

function prefix(): Buffer {
  const whole = pick(messages)
  const cut = Buffer.from(whole.subarray(0, random(whole.length)))
  return random(8) === 0 ? cut : framed(cut)
}

function mutation(): Buffer {
  const bytes = Buffer.from(pick(messages))
  bytes.writeUInt8(random(256), random(bytes.length))
  return bytes
}

function splice(): Buffer {
  const [head, tail] = [pick(messages), pick(messages)]
  return framed(Buffer.concat([head.subarray(0, random(head.length)), tail.subarray(random(tail.length))]))
}

function noise(): Buffer {
  const bytes = Buffer.alloc(8 + random(64))
  for (let at = 8; at < bytes.length; at++) bytes.writeUInt8(random(256), at)
  bytes.set([4 + random(3), random(36)])
  return framed(bytes)
}

function brokenText(): string {
  const [head, tail] = [pick(texts), pick(texts)]
  const at = random(head.length)
  if (random(2) === 0) return head.slice(0, at) + tail.slice(random(tail.length))
  return head.slice(0, at) + String.fromCharCode(32 + random(96)) + head.slice(at + random(3))
}

const AT = { file: 'fuzz', line: 1, column: 1, length: 1 }
const TYPED: ReadonlySet<string> = new Set(['OPENFLOW_MALFORMED', 'INVALID_DUMP'])

/** What came of one input: a record, or the code of a typed error. What escapes is thrown on. */
function outcome(read: () => void): string {
  try {
    read()
    return 'record'
  } catch (error) {
    if (error instanceof ReconcileError && TYPED.has(error.code)) return error.code
    throw error
  }
}

/** A record that has been read can be written. */
function readMessage(bytes: Buffer): void {
  const { version, xid, message } = decode(bytes)
  encode(version, xid, message)
}

function readText(text: string): void {
  parseFlow({ text, at: AT }, { names: NO_NAMES })
}

const KINDS = { prefix, mutation, splice, noise } as const
const KIND_NAMES = ['prefix', 'mutation', 'splice', 'noise', 'text', 'mutation', 'splice', 'prefix'] as const

const outcomes = new Map<string, number>()
let slowest = { ms: 0, input: '' }

type Input = string | Buffer

function shown(input: Input): string {
  return typeof input === 'string' ? JSON.stringify(input) : input.toString('hex')
}

function read(input: Input): void {
  if (typeof input === 'string') readText(input)
  else readMessage(input)
}

/** Milliseconds that an input takes; the least of several when it seems slow, for the machine may have paused. */
function timeOf(input: Input, first: number): number {
  if (first < 5) return first
  const again = [1, 2, 3].map(() => {
    const started = performance.now()
    outcome(() => read(input))
    return performance.now() - started
  })
  return Math.min(first, ...again)
}

function tryOne(kind: (typeof KIND_NAMES)[number]): void {
  const input = kind === 'text' ? brokenText() : KINDS[kind]()
  const started = performance.now()
  try {
    const key = `${kind}: ${outcome(() => read(input))}`
    outcomes.set(key, (outcomes.get(key) ?? 0) + 1)
  } catch (error) {
    console.error(`escaped from ${kind} ${shown(input)}\n`, error)
    process.exit(1)
  }
  const ms = timeOf(input, performance.now() - started)
  if (ms > slowest.ms) slowest = { ms, input: shown(input) }
}

const start = performance.now()
let done = 0
while (done < count && performance.now() - start < seconds * 1000) {
  for (let i = 0; i < 1000 && done < count; i++, done++) tryOne(pick(KIND_NAMES))
}
const elapsed = (performance.now() - start) / 1000

console.log(
  `${done} inputs of seed ${seed} in ${elapsed.toFixed(1)} s: ${Math.round(done / elapsed)} per second`,
)
for (const [key, times] of [...outcomes].sort(([a], [b]) => (a < b ? -1 : 1)))
  console.log(`  ${key} ${times}`)
console.log(`slowest: ${slowest.ms.toFixed(1)} ms (${slowest.input.slice(0, 200)})`)
console.log(`peak memory: ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`)
