// "Did you mean": a word in, the nearest of the words it may have been meant as out, only when it is near.
import { distance } from 'fastest-levenshtein'
import { compareText } from '../errors/position.js'

/** The candidate at most a third of the word's letters away (rounded up, at most three), or undefined. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const limit = Math.min(3, Math.ceil(word.length / 3))
  let best: { candidate: string; edits: number } | undefined
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > limit) continue
    const edits = distance(word, candidate)
    if (edits > limit || edits >= word.length) continue
    const nearer =
      !best || edits < best.edits || (edits === best.edits && compareText(candidate, best.candidate) < 0)
    if (nearer) best = { candidate, edits }
  }
  return best?.candidate
}

/** As `nearest`, blind to case, `_` and `-`, and taking a beginning for the whole: `fixed_ips`, `GatewayIP`, `mac`. */
export function nearestField(word: string, fields: readonly string[]): string | undefined {
  const plain = plainName(word)
  const found =
    nearest(plain, fields.map(plainName)) ??
    fields.map(plainName).find((field) => plain.length >= 2 && field.startsWith(plain))
  return fields.find((field) => plainName(field) === found)
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '')
}
