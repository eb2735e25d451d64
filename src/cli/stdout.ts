// Standard output for more text than should wait in memory.
import { once } from 'node:events'

/** Writes piece after piece, none before the reader has taken most of the one before. */
export async function writeStdout(pieces: AsyncIterable<string> | Iterable<string>): Promise<void> {
  for await (const piece of pieces) {
    if (!process.stdout.write(piece)) await once(process.stdout, 'drain')
  }
}
