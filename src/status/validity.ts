// What the files say of an object: the problems that are its own in, the conditions Valid and Resolved out.
import type { ReconcileError } from '../errors/error.js'
import { renderPosition } from '../errors/render.js'
import type { Finding } from './condition.js'
import type { KnownObject } from './known-objects.js'
import { isBetweenObjects } from './problems.js'

const VALID: Finding = { type: 'Valid', status: 'True', reason: 'Parsed', message: 'it is as its kind asks' }

const RESOLVED: Finding = {
  type: 'Resolved',
  status: 'True',
  reason: 'Resolved',
  message: 'all that it refers to is there, and nothing clashes with it',
}

/** @param isSeen was the object in the files as they were last read? */
export function validFinding(
  { origin }: KnownObject,
  problems: readonly ReconcileError[],
  isSeen: boolean,
): Finding {
  const own = problems.length === 0 ? problems : problems.filter((problem) => !isBetweenObjects(problem))
  if (own.length > 0) return problemFinding('Valid', own)
  if (origin === 'held') return unknown('Valid', 'Gone', 'the manifests no longer have it')
  if (isSeen) return VALID
  const message =
    'it was not found when the files were last read, which have problems; its last good form stays'
  return unknown('Valid', 'NotFound', message)
}

export function resolvedFinding({ origin }: KnownObject, problems: readonly ReconcileError[]): Finding {
  const own = problems.length === 0 ? problems : problems.filter(isBetweenObjects)
  if (own.length > 0) return problemFinding('Resolved', own)
  if (origin !== 'seen') return RESOLVED
  return unknown('Resolved', 'NotResolved', 'the manifests have problems, and are taken all together')
}

function problemFinding(type: Finding['type'], problems: readonly ReconcileError[]): Finding {
  const [first] = problems
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  const place = first?.at ? `${renderPosition(first.at)} ` : ''
  const message = `${place}${first?.message ?? ''}${more}`
  return { type, status: 'False', reason: camelCase(first?.code ?? ''), message, remedy: first?.remedy }
}

function unknown(type: Finding['type'], reason: string, message: string): Finding {
  return { type, status: 'Unknown', reason, message }
}

/** `DUPLICATE_IP` → `DuplicateIp` */
export function camelCase(code: string): string {
  return code.replace(
    /([A-Z0-9])([A-Z0-9]*)_?/g,
    (_, first: string, rest: string) => first + rest.toLowerCase(),
  )
}
