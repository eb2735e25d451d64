// Says when manifest files may have changed. File events are hints: whoever is told reads the files again and compares.
import { type FSWatcher, watch as watchFolder } from 'node:fs'
import { watch as watchTree } from 'chokidar'
import { findPlaces, isAside, type Places, samePlaces } from './watch-places.js'

/** Quiet time after the last event before the files are read: an editor or a checkout writes several. Milliseconds. */
const QUIET_MS = 40
/** Where it never gets quiet, the files are read all the same after this time. Milliseconds. */
const RESTLESS_MS = 500

export interface FileWatchOptions {
  readonly onChange: () => void
  /** The system cannot watch all of it; changes may go unnoticed until somebody looks. */
  readonly onError: (error: unknown) => void
}

interface Watch {
  readonly close: () => Promise<void>
}

/** Watches what some paths lead to, also when a link on the way or below them is swapped, or what is missing appears. */
export class FileWatch {
  readonly #paths: readonly string[]
  readonly #options: FileWatchOptions
  #places: Places = { steps: new Map(), ends: new Map() }
  #watch: Watch | undefined
  #timer: NodeJS.Timeout | undefined
  #restlessSince: number | undefined
  #settling: Promise<void> | undefined
  #closed = false

  private constructor(paths: readonly string[], options: FileWatchOptions) {
    this.#paths = paths
    this.#options = options
  }

  /** Resolves when the watch is on: a change from then on is not missed. */
  static async open(paths: readonly string[], options: FileWatchOptions): Promise<FileWatch> {
    const watch = new FileWatch(paths, options)
    await watch.#follow()
    return watch
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#settling
    await this.#watch?.close()
  }

  #hint(): void {
    if (this.#closed) return
    const now = performance.now()
    this.#restlessSince ??= now
    const wait = Math.min(QUIET_MS, Math.max(0, this.#restlessSince + RESTLESS_MS - now))
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#settle(), wait)
  }

  /** One at a time; what happens meanwhile is looked at afterwards. */
  #settle(): void {
    if (this.#settling) {
      this.#hint()
      return
    }
    this.#restlessSince = undefined
    this.#settling = this.#tell()
      .catch(this.#options.onError)
      .finally(() => (this.#settling = undefined))
  }

  async #tell(): Promise<void> {
    await this.#follow()
    if (!this.#closed) this.#options.onChange()
  }

  /** Goes on watching where the paths lead now. */
  async #follow(): Promise<void> {
    const places = await findPlaces(this.#paths)
    if (this.#watch && samePlaces(places, this.#places)) return
    // First the old watch goes: chokidar would share its hold on a folder that is no longer the one of that name. What
    // happens in between is read afterwards.
    await this.#watch?.close()
    this.#watch = await watchPlaces(places, () => this.#hint(), this.#options.onError)
    this.#places = places
  }
}

async function watchPlaces(
  { steps, ends }: Places,
  onHint: () => void,
  onError: (error: unknown) => void,
): Promise<Watch> {
  const folders = [...steps].flatMap(([folder, names]) => watchNames(folder, names, onHint, onError))
  const tree = await watchBelow([...ends.keys()], onHint, onError)
  return {
    close: async () => {
      for (const folder of folders) folder.close()
      await tree?.close()
    },
  }
}

function watchNames(
  folder: string,
  names: ReadonlySet<string>,
  onHint: () => void,
  onError: (error: unknown) => void,
): readonly FSWatcher[] {
  try {
    const watcher = watchFolder(folder, (_, name) => {
      if (name === null || names.has(name)) onHint()
    })
    return [watcher.on('error', onError)]
  } catch (error) {
    // A folder on the way that may be passed but not listed, or that has just gone, hides no more than a swapped link.
    if (!UNREADABLE.includes(String((error as NodeJS.ErrnoException).code))) onError(error)
    return []
  }
}

const UNREADABLE = ['EACCES', 'ENOENT', 'ENOTDIR']

/** Links are not followed here: where they lead is among the paths already. */
async function watchBelow(
  paths: readonly string[],
  onHint: () => void,
  onError: (error: unknown) => void,
): Promise<Watch | undefined> {
  if (paths.length === 0) return undefined // with nothing to watch chokidar is never ready
  const watcher = watchTree([...paths], { ignoreInitial: true, followSymlinks: false, ignored: isAside })
  // Of one file chokidar reports a change every 50 ms and swallows those between; the raw events tell of every one.
  watcher.on('raw', onHint).on('all', onHint).on('error', onError)
  await new Promise<void>((resolve) => watcher.once('ready', () => resolve()).once('error', () => resolve()))
  return watcher
}
