// Says when manifest files may have changed. File events are hints: whoever is told reads the files again and compares.
import { watch } from 'chokidar'

/** Quiet time after the last event before the files are read, in milliseconds: an editor or a checkout writes several. */
const QUIET_MS = 40

export interface FileWatch {
  readonly close: () => Promise<void>
}

/** Resolves when the watch is on: a change from then on is not missed. */
export async function watchFiles(paths: readonly string[], onChange: () => void): Promise<FileWatch> {
  let timer: NodeJS.Timeout | undefined
  // A link that is swapped shows as a change of the link, but not of the files below it, if links were followed.
  const watcher = watch([...paths], { ignoreInitial: true, followSymlinks: false })
  watcher.on('all', () => {
    clearTimeout(timer)
    timer = setTimeout(onChange, QUIET_MS)
  })
  await new Promise<void>((resolve) => watcher.once('ready', () => resolve()))
  return {
    close: async () => {
      clearTimeout(timer)
      await watcher.close()
    },
  }
}
