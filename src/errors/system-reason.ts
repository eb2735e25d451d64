// What the operating system said, in people's words: an error of Node.js in, "no such file or directory" out.
import { getSystemErrorMap } from 'node:util'

/** Without the name of the system call and the number, which only programmers know; any other error by its message. */
export function systemReason(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('message' in error)) return String(error)
  const known = 'errno' in error ? getSystemErrorMap().get(Number(error.errno)) : undefined
  return known?.[1] ?? String(error.message)
}
