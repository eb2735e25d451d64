// Equal bytes, one record: a dump of a hundred thousand flows says the same fields and actions again and again. What was
// read once is found by its bytes and not read, nor kept, a second time; and what was written once is copied.
import type { Version } from '../version.js'
import type { Layout } from './layout.js'
import { Memo } from '../../values/memo.js'
import type { Reader } from './reader.js'
import type { Writer } from './writer.js'

/** Then all is forgotten, and learned anew from what is still being said. */
const MAX_RECORDS = 0x10000
const FIRST_RECORDS = 0x100

export interface Interning {
  /** How many bytes the next record has, as far as its first bytes tell. */
  readonly extent: (reader: Reader) => number
  /** Records of more bytes are read anew each time. */
  readonly longest: number
}

/**
 * The same layout, whose records may be shared between messages: they must not be changed. Who remembers something about
 * a record may do so by its identity, but two records of one meaning may still be two. Remembers at most 65,536 records.
 */
export function interned<T>(layout: Layout<T>, { extent, longest }: Interning): Layout<T> {
  const tables: Partial<Record<Version, InternTable<T>>> = {}

  function read(reader: Reader, version: Version): T {
    const length = extent(reader)
    if (length === 0 || length > longest || length > reader.remaining) return layout.read(reader, version)
    const table = (tables[version] ??= new InternTable(longest))
    const known = table.find(reader, length)
    if (known !== undefined) {
      reader.skip(length)
      return known
    }
    const ahead = reader.fork()
    const record = layout.read(reader, version)
    if (ahead.remaining - reader.remaining === length) table.add(ahead, length, record)
    return record
  }

  const written: Partial<Record<Version, Memo<T, Uint8Array>>> = {}

  function write(writer: Writer, value: T, version: Version): void {
    const memo = (written[version] ??= new Memo())
    const known = memo.get(value)
    if (known) {
      writer.bytes(known)
      return
    }
    const start = writer.length
    layout.write(writer, value, version)
    if (writer.length - start <= longest) memo.put(value, writer.copyFrom(start))
  }

  return { read, write }
}

/** What stands before the bytes of a record: hash, length in bytes, number of the record. */
const HEAD = 3

/**
 * Records by bytes: a hash table with open addressing, twice as many slots as records. Bytes are kept as words of 4 behind
 * their head, all in one array, so that a look-up touches little memory.
 */
class InternTable<T> {
  /** Place of an entry, plus 1; 0: none */
  #slots = new Int32Array(FIRST_RECORDS * 2)
  #entries = new Int32Array(FIRST_RECORDS * HEAD)
  /** How much of the entries is taken */
  #end = 0
  #records: T[] = []
  /** The bytes that are looked for */
  readonly #wanted: Int32Array

  constructor(longest: number) {
    this.#wanted = new Int32Array(wordsOf(longest))
  }

  find(reader: Reader, length: number): T | undefined {
    const wanted = this.#wanted
    const count = reader.wordsAhead(length, wanted)
    const hash = hashOf(wanted, count, length)
    const slots = this.#slots
    const entries = this.#entries
    const mask = slots.length - 1
    for (let slot = hash & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const at = (slots[slot] as number) - 1
      if (entries[at] === hash && entries[at + 1] === length && isAt(entries, at + HEAD, wanted, count))
        return this.#records[entries[at + 2] as number]
    }
    return undefined
  }

  add(reader: Reader, length: number, record: T): void {
    if (this.#records.length === MAX_RECORDS) this.#forget()
    const wanted = this.#wanted
    const count = reader.wordsAhead(length, wanted)
    const at = this.#end
    this.#end = at + HEAD + count
    this.#entries = withRoom(this.#entries, this.#end)
    this.#entries.set([hashOf(wanted, count, length), length, this.#records.length], at)
    this.#entries.set(wanted.subarray(0, count), at + HEAD)
    this.#records.push(record)
    if (this.#records.length * 2 > this.#slots.length) this.#rehash()
    else this.#place(at)
  }

  #place(at: number): void {
    const slots = this.#slots
    const mask = slots.length - 1
    let slot = (this.#entries[at] as number) & mask
    while (slots[slot] !== 0) slot = (slot + 1) & mask
    slots[slot] = at + 1
  }

  #rehash(): void {
    this.#slots = new Int32Array(this.#slots.length * 2)
    const entries = this.#entries
    for (let at = 0; at < this.#end; at += HEAD + wordsOf(entries[at + 1] as number)) this.#place(at)
  }

  #forget(): void {
    this.#slots = new Int32Array(FIRST_RECORDS * 2)
    this.#records = []
    this.#end = 0
  }
}

function wordsOf(length: number): number {
  return Math.ceil(length / 4)
}

function hashOf(words: Int32Array, count: number, length: number): number {
  let hash = length
  for (let i = 0; i < count; i++) {
    hash = Math.imul(hash ^ (words[i] as number), 0x9e3779b1)
    hash ^= hash >>> 15
  }
  return hash
}

function isAt(entries: Int32Array, start: number, words: Int32Array, count: number): boolean {
  for (let i = 0; i < count; i++) if (entries[start + i] !== words[i]) return false
  return true
}

function withRoom(numbers: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  if (length <= numbers.length) return numbers
  const bigger = new Int32Array(length * 2)
  bigger.set(numbers)
  return bigger
}
