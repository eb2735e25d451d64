// Bytes of a file to text. Nothing is replaced silently: bytes that are not UTF-8 are a located problem.
import { ReconcileError } from '../errors/error.js'

/** The text without a byte order mark, or the problem with its first wrong byte. */
export function decodeUtf8(file: string, bytes: Uint8Array): string | ReconcileError {
  return tryDecode(bytes) ?? notUtf8(file, bytes)
}

/** Undefined for bytes that are not UTF-8. `isBeginning`: they may end in the middle of a character. */
function tryDecode(bytes: Uint8Array, isBeginning = false): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: isBeginning })
  } catch {
    return undefined
  }
}

function notUtf8(file: string, bytes: Uint8Array): ReconcileError {
  const good = goodLength(bytes)
  const before = tryDecode(bytes.subarray(0, good), true) ?? ''
  const lastLine = before.slice(before.lastIndexOf('\n') + 1)
  const at = { file, line: before.split('\n').length, column: lastLine.length + 1, length: 1 }
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
  const byte = `0x${(bytes[good] ?? 0).toString(16).padStart(2, '0')}`
  const message = isUtf16
    ? 'The file is UTF-16, not UTF-8.'
    : `The file is not UTF-8 text: byte ${byte} at offset ${good}.`
  return new ReconcileError('NOT_UTF8', message, { at, remedy: 'Save the file as UTF-8.' })
}

/** Bytes before the first wrong one. By halving: a beginning can be decoded just when it does not reach that byte. */
function goodLength(bytes: Uint8Array): number {
  let good = 0
  let bad = bytes.length
  while (bad - good > 1) {
    const middle = (good + bad) >>> 1
    if (tryDecode(bytes.subarray(0, middle), true) === undefined) bad = middle
    else good = middle
  }
  return good
}
