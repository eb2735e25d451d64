// The changes of all keys below the prefix from a revision on, as they happen.
import type { Etcd3, IWatchResponse } from 'etcd3'
import { ANSWER_MS } from './client.js'
import { type KeyState, rangeOf, readKey } from './keys.js'

export interface StreamEvents {
  readonly onEnd: (why: string | Error) => void
}

/** @returns a function that ends the watching */
export async function watchFrom(
  etcd: Etcd3,
  prefix: string,
  revision: number,
  events: StreamEvents & { readonly onStates: (states: readonly KeyState[]) => void },
): Promise<() => void> {
  const stream = await etcd.watchClient.watch()
  const unanswered = setTimeout(() => events.onEnd('it does not answer the watch'), ANSWER_MS)
  stream.on('data', (response) => {
    clearTimeout(unanswered)
    if (response.canceled) events.onEnd(whyCanceled(response))
    else events.onStates(statesOf(prefix, response))
  })
  stream.on('error', (error) => events.onEnd(error))
  stream.on('end', () => events.onEnd('it closed the watch'))
  stream.write({ create_request: { ...rangeOf(prefix), start_revision: revision } })
  return () => {
    clearTimeout(unanswered)
    stream.cancel()
  }
}

/** Whoever compacts the history while we are slow leaves a gap: only reading all keys anew closes it. */
function whyCanceled({ compact_revision, cancel_reason }: IWatchResponse): string {
  if (compact_revision !== '0') return `its history begins at revision ${compact_revision} now`
  return `it ended the watch: ${cancel_reason}`
}

function statesOf(prefix: string, { events }: IWatchResponse): readonly KeyState[] {
  return events.flatMap(({ kv, type }) => readKey(prefix, kv, type === 'Put') ?? [])
}
