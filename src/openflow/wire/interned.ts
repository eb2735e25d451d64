// Equal bytes, one record: a dump of a hundred thousand flows says the same fields and actions again and again. What was
// read once is found by its bytes and not read, nor kept, a second time.
import type { Version } from '../version.js'
import type { Layout } from './layout.js'
import type { Reader } from './reader.js'

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
  const tables = new Map<Version, InternTable<T>>()

  function read(reader: Reader, version: Version): T {
    const length = extent(reader)
    if (length === 0 || length > longest || length > reader.remaining) return layout.read(reader, version)
    let table = tables.get(version)
    if (!table) tables.set(version, (table = new InternTable(longest)))
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

  return { read, write: (writer, value, version) => layout.write(writer, value, version) }
}

/** What is known of a record: hash, place of its first word, length in bytes. */
const ENTRY = 3

/**
 * Records by bytes: a hash table with open addressing, twice as many slots as records. Bytes are kept as words of 4, all
 * in one array, so that a look-up touches little memory.
 */
class InternTable<T> {
  /** Number of the record in a slot, plus 1; 0: none */
  #slots = new Int32Array(FIRST_RECORDS * 2)
  #entries = new Int32Array(FIRST_RECORDS * ENTRY)
  #records: T[] = []
  #words = new Int32Array(FIRST_RECORDS)
  #wordCount = 0
  /** The bytes that are looked for */
  readonly #wanted: Int32Array

  constructor(longest: number) {
    this.#wanted = new Int32Array(Math.ceil(longest / 4))
  }

  find(reader: Reader, length: number): T | undefined {
    const hash = this.#want(reader, length)
    const slots = this.#slots
    const entries = this.#entries
    const mask = slots.length - 1
    for (let slot = hash & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const index = (slots[slot] as number) - 1
      const at = index * ENTRY
      if (
        entries[at] === hash &&
        entries[at + 2] === length &&
        this.#isWanted(entries[at + 1] as number, length)
      )
        return this.#records[index]
    }
    return undefined
  }

  add(reader: Reader, length: number, record: T): void {
    if (this.#records.length === MAX_RECORDS) this.#forget()
    const hash = this.#want(reader, length)
    const count = Math.ceil(length / 4)
    this.#words = withRoom(this.#words, this.#wordCount + count)
    this.#words.set(this.#wanted.subarray(0, count), this.#wordCount)
    const index = this.#records.length
    this.#entries = withRoom(this.#entries, (index + 1) * ENTRY)
    this.#entries.set([hash, this.#wordCount, length], index * ENTRY)
    this.#wordCount += count
    this.#records.push(record)
    if (this.#records.length * 2 > this.#slots.length) this.#rehash()
    else this.#place(index)
  }

  /** Takes the next bytes as what is looked for; gives their hash. */
  #want(reader: Reader, length: number): number {
    const wanted = this.#wanted
    const count = reader.wordsAhead(length, wanted)
    let hash = length
    for (let i = 0; i < count; i++) {
      hash = Math.imul(hash ^ (wanted[i] as number), 0x9e3779b1)
      hash ^= hash >>> 15
    }
    return hash
  }

  #isWanted(start: number, length: number): boolean {
    const words = this.#words
    const wanted = this.#wanted
    for (let i = 0; i * 4 < length; i++) if (words[start + i] !== wanted[i]) return false
    return true
  }

  #place(index: number): void {
    const slots = this.#slots
    const mask = slots.length - 1
    let slot = (this.#entries[index * ENTRY] as number) & mask
    while (slots[slot] !== 0) slot = (slot + 1) & mask
    slots[slot] = index + 1
  }

  #rehash(): void {
    this.#slots = new Int32Array(this.#slots.length * 2)
    for (let index = 0; index < this.#records.length; index++) this.#place(index)
  }

  #forget(): void {
    this.#slots = new Int32Array(FIRST_RECORDS * 2)
    this.#records = []
    this.#wordCount = 0
  }
}

function withRoom(numbers: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  if (length <= numbers.length) return numbers
  const bigger = new Int32Array(length * 2)
  bigger.set(numbers)
  return bigger
}
