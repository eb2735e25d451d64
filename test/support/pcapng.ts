// Capture files read back by programs of others.
import { fileURLToPath } from 'node:url'
import { runOrThrow } from './processes.js'

const PARSER = fileURLToPath(new URL('pcapng.py', import.meta.url))

export interface ReadCapture {
  readonly interfaces: readonly string[]
  readonly packets: readonly {
    /** Seconds since 1970. */
    readonly time: number
    /** Hexadecimal digits. */
    readonly frame: string
    readonly original: number
    readonly comments: readonly string[]
  }[]
}

/** Every block, by a small reader of Python. Throws when one of them is not whole. */
export async function readCapture(path: string): Promise<ReadCapture> {
  return JSON.parse(await runOrThrow('python3', [PARSER, path])) as ReadCapture
}

/** A line for each packet, as tcpdump prints it. */
export async function tcpdumpRead(path: string): Promise<readonly string[]> {
  const text = await runOrThrow('tcpdump', ['-n', '-e', '-tt', '-r', path])
  return text.split('\n').filter(Boolean)
}
