// Capture files on a real disk, read back by tcpdump and by a reader of Python.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ReconcileError } from '../../src/errors/error.js'
import { CaptureFile } from '../../src/pcapng/capture-file.js'
import { ethernetFrame, ipv4Frame } from '../support/packets.js'
import { readCapture, tcpdumpRead } from '../support/pcapng.js'
import { runOrThrow } from '../support/processes.js'
import { waitFor } from '../support/wait.js'

const TIME = 1_700_000_000_123.456
const NAMES = { application: 'a test', interfaceName: 'br-int', interfaceDescription: 'from a bridge' }

let folder: string
let path: string
let failures: ReconcileError[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ovsr-'))
  path = join(folder, 'f.pcapng')
  failures = []
})
afterEach(() => rm(folder, { recursive: true }))

const create = (at = path) =>
  CaptureFile.create({ ...NAMES, path: at, onFailure: (error) => void failures.push(error) })

const packet = (data: Buffer, comment: string, originalLength = data.length) => ({
  ...{ time: TIME, data, originalLength, comment },
})

describe('a capture file', () => {
  test('has each frame with its time, its length and its comment, whatever their lengths', async () => {
    const file = await create()
    const frames = [0, 1, 2, 3, 13, 14, 60, 1514, 9018, 65_535].map((length) => Buffer.alloc(length, length))
    for (const [n, frame] of frames.entries()) file.add(packet(frame, 'ü'.repeat(n)))
    await file.close()
    const { interfaces, packets } = await readCapture(path)
    expect(interfaces).toEqual(['br-int'])
    expect(packets.map(({ frame }) => frame)).toEqual(frames.map((frame) => frame.toString('hex')))
    expect(packets.map(({ comments }) => comments)).toEqual(frames.map((_, n) => ['ü'.repeat(n)]))
    expect(new Set(packets.map(({ time }) => time))).toEqual(new Set([1_700_000_000.123456]))
    expect(failures).toEqual([])
  })

  test('is read by tcpdump while it is written', async () => {
    const file = await create()
    expect(await tcpdumpRead(path)).toEqual([])
    file.add(packet(ipv4Frame({ protocol: 17, payload: Buffer.alloc(8) }), 'first'))
    await waitFor(async () => (await tcpdumpRead(path)).length === 1)
    file.add(packet(ethernetFrame(0x0806, Buffer.alloc(28)), 'second'))
    const [first, second] = await waitFor(async () => {
      const lines = await tcpdumpRead(path)
      return lines.length === 2 && lines
    })
    expect(first).toMatch(/^1700000000\.123456 .*10\.1\.0\.3\.0 > 10\.2\.0\.7\.0: /)
    expect(second).toContain('ethertype ARP')
    await file.close()
  })

  test('says how long a frame was of which a part came', async () => {
    const file = await create()
    file.add(packet(Buffer.alloc(60), 'cut', 1_514))
    await file.close()
    expect((await readCapture(path)).packets).toMatchObject([{ original: 1_514 }])
  })

  test('cuts off a comment that no option can hold', async () => {
    const file = await create()
    file.add(packet(Buffer.alloc(60), 'x'.repeat(100_000)))
    await file.close()
    expect((await readCapture(path)).packets[0]?.comments).toEqual(['x'.repeat(65_532)])
  })

  test('takes the place of an older file, and is for its owner alone', async () => {
    await (await create()).close()
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    await writeFile(path, 'x'.repeat(100_000))
    await (await create()).close()
    expect((await readCapture(path)).packets).toEqual([])
  })

  test('leaves out what comes faster than the disk takes it, and says how many that were', async () => {
    const file = await create()
    // In one turn of the event loop nothing is written, so all of it waits.
    const frame = Buffer.alloc(65_000)
    for (let n = 0; n < 100; n++) file.add(packet(frame, `packet ${n}`))
    await waitFor(async () => (await stat(path)).size > 4_000_000)
    file.add(packet(frame, 'later'))
    await file.close()
    const comments = (await readCapture(path)).packets.flatMap((known) => known.comments)
    expect(comments.length).toBeGreaterThan(60)
    expect(comments.length).toBeLessThan(70)
    const left = 101 - comments.length
    expect(comments.at(-1)).toBe(`later (${left} before this one were left out: the disk was too slow)`)
  })
})

describe('a path that cannot be written', () => {
  test.each([
    ['in a folder that is not there', 'none/f.pcapng', 'no such file or directory'],
    ['that is a folder', '.', 'illegal operation on a directory'],
    ['that is a device', '/dev/null', 'it is no regular file'],
  ])('%s is an error at once', async (_, name, reason) => {
    await expect(create(name.startsWith('/') ? name : join(folder, name))).rejects.toMatchObject({
      code: 'OUTPUT_UNWRITABLE',
      message: expect.stringContaining(reason),
      remedy: expect.stringMatching(/^Use --pcap /),
    })
  })

  test('that is a pipe nobody reads from is one, too', async () => {
    await runOrThrow('mkfifo', [path])
    await expect(create()).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' })
  })
})

test('what was closed takes no more, and says nothing', async () => {
  const file = await create()
  await file.close()
  const before = await readFile(path)
  file.add(packet(Buffer.alloc(60), 'late'))
  await new Promise((resolve) => setImmediate(resolve))
  expect(await readFile(path)).toEqual(before)
  expect(failures).toEqual([])
})
