// Where to look for changes of some paths: paths in, every step of the way to them and what lies at its end out. Links
// are followed as the reader follows them, so that a link that is swapped, and a file behind a link, are both seen.
import type { Dirent } from 'node:fs'
import { lstat, readdir, readlink } from 'node:fs/promises'
import { basename, join, resolve, sep } from 'node:path'

export interface Places {
  /** Names by the folder they are in: another entry under such a name leads elsewhere. */
  readonly steps: ReadonlyMap<string, ReadonlySet<string>>
  /** Files and folders, links resolved, each with an identity that another one put in its place does not have. */
  readonly ends: ReadonlyMap<string, string>
}

/** As many as the kernel follows (path_resolution(7)). */
const MAX_LINKS = 40

/** What the reader passes over, or writes itself by asking git. */
export function isAside(path: string): boolean {
  return ['.git', 'node_modules'].includes(basename(path))
}

/** Never throws: a path that leads nowhere has a last step where something may appear. */
export async function findPlaces(paths: readonly string[]): Promise<Places> {
  const places = { steps: new Map<string, Set<string>>(), ends: new Map<string, string>() }
  for (const path of paths) await follow(places, resolve(path))
  return places
}

export function samePlaces(a: Places, b: Places): boolean {
  return describe(a) === describe(b)
}

function describe({ steps, ends }: Places): string {
  return JSON.stringify([[...steps].map(([folder, names]) => [folder, ...names]), [...ends]])
}

interface Found {
  readonly steps: Map<string, Set<string>>
  readonly ends: Map<string, string>
}

async function follow(found: Found, path: string): Promise<void> {
  let [folder, names] = [sep as string, namesIn(path)]
  for (let links = 0; names.length > 0 && links <= MAX_LINKS;) {
    const [name = '', ...rest] = names
    addStep(found, folder, name)
    const entry = join(folder, name)
    const kind = await linkOrNot(entry)
    if (kind === 'missing') return
    if (kind === 'no link') [folder, names] = [entry, rest]
    else [folder, names] = [sep, [...namesIn(resolve(folder, kind.target)), ...rest]]
    if (typeof kind === 'object') links++
  }
  if (names.length === 0) await arrive(found, folder)
}

async function linkOrNot(path: string): Promise<{ readonly target: string } | 'no link' | 'missing'> {
  try {
    return { target: await readlink(path) }
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EINVAL' ? 'no link' : 'missing'
  }
}

async function arrive(found: Found, path: string): Promise<void> {
  if (found.ends.has(path)) return
  const status = await lstat(path).catch(() => undefined)
  if (!status) return
  found.ends.set(path, `${status.dev}:${status.ino}`)
  if (status.isDirectory()) for (const link of await linksBelow(path)) await follow(found, link)
}

async function linksBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((): Dirent[] => [])
  const links: string[] = []
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (entry.isSymbolicLink()) links.push(path)
    else if (entry.isDirectory() && !isAside(path)) links.push(...(await linksBelow(path)))
  }
  return links
}

function addStep({ steps }: Found, folder: string, name: string): void {
  const names = steps.get(folder)
  if (names) names.add(name)
  else steps.set(folder, new Set([name]))
}

function namesIn(path: string): readonly string[] {
  return path.split(sep).filter(Boolean)
}
