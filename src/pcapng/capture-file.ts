// A pcapng file that is written while others read it: packets in, whole blocks on disk soon after. Whoever hands packets over
// is never kept waiting, and what the disk cannot take is left out.
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { ReconcileError } from '../errors/error.js'
import { systemReason } from '../errors/system-reason.js'
import { type CaptureDescription, type CapturedPacket, captureHeader, packetBlock } from './blocks.js'

export interface CaptureOptions extends CaptureDescription {
  readonly path: string
  /** Told once, when the file can be written no more; what was written stays readable. */
  readonly onFailure: (error: ReconcileError) => void
}

/** What may wait for the disk; packets that come while so much waits are left out. Bytes. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024

/** Owner alone: it holds what guests send. */
const MODE = 0o600

export class CaptureFile {
  readonly #file: FileHandle
  readonly #options: CaptureOptions
  #waiting: Buffer[] = []
  #waitingBytes = 0
  /** Of whole blocks: where the next one begins. */
  #length: number
  #leftOut = 0
  #writing: Promise<void> | undefined
  /** Closed, or the file can be written no more. */
  #isOver = false

  private constructor(file: FileHandle, options: CaptureOptions, length: number) {
    this.#file = file
    this.#options = options
    this.#length = length
  }

  /**
   * Makes the file, or empties it, and writes its header.
   * @throws ReconcileError OUTPUT_UNWRITABLE
   */
  static async create(options: CaptureOptions): Promise<CaptureFile> {
    let file: FileHandle | undefined
    try {
      // A pipe without a reader would have us wait for one.
      const { O_WRONLY, O_CREAT, O_TRUNC, O_NONBLOCK } = constants
      file = await open(options.path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK, MODE)
      if (!(await file.stat()).isFile()) throw new Error('it is no regular file')
      const header = captureHeader(options)
      await writeAt(file, header, 0)
      return new CaptureFile(file, options, header.length)
    } catch (cause) {
      await file?.close()
      throw unwritable(`Cannot write packets to "${options.path}"`, cause)
    }
  }

  /** Never throws, and never waits. */
  add(packet: CapturedPacket): void {
    if (this.#isOver) return
    if (this.#waitingBytes >= MAX_WAITING_BYTES) {
      this.#leftOut++
      return
    }
    const block = packetBlock(this.#leftOut > 0 ? { ...packet, comment: this.#notes(packet) } : packet)
    this.#leftOut = 0
    this.#waiting.push(block)
    this.#waitingBytes += block.length
    this.#writing ??= this.#write().finally(() => (this.#writing = undefined))
  }

  /** Writes what waits and closes the file. */
  async close(): Promise<void> {
    this.#isOver = true
    await this.#writing
    await this.#file.close().catch(() => undefined)
  }

  #notes({ comment }: CapturedPacket): string {
    return `${comment} (${this.#leftOut} before this one were left out: the disk was too slow)`
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const blocks = Buffer.concat(this.#waiting)
      this.#waiting = []
      this.#waitingBytes = 0
      try {
        await writeAt(this.#file, blocks, this.#length)
        this.#length += blocks.length
      } catch (error) {
        await this.#fail(error)
        return
      }
    }
  }

  /** Readers would stumble over half a block. */
  async #fail(cause: unknown): Promise<void> {
    this.#isOver = true
    this.#waiting = []
    await this.#file.truncate(this.#length).catch(() => undefined)
    this.#options.onFailure(
      unwritable(`No more packets are written to "${this.#options.path}"; those before are there`, cause),
    )
  }
}

async function writeAt(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += (await file.write(bytes, at, bytes.length - at, position + at)).bytesWritten
  }
}

function unwritable(what: string, cause: unknown): ReconcileError {
  const reason = systemReason(cause)
  return new ReconcileError('OUTPUT_UNWRITABLE', `${what}: ${reason}.`, {
    remedy: 'Use --pcap with a file in a folder that exists, may be written to, and has room.',
    cause,
  })
}
