// How long to wait before the next attempt. When etcd comes back, all nodes of a site want in at once: each draws its
// own moment from a span that doubles ("full jitter"), so that they come one after the other.

const FIRST_SPAN_MS = 200
/** Short: a node whose lease has run out meanwhile is nowhere to the others until it is back. */
const LAST_SPAN_MS = 1_000

/** @param failures attempts in a row that have failed, from 1 @param random a number from 0 to below 1 */
export function pauseMs(failures: number, random: () => number = Math.random): number {
  return Math.round(Math.min(LAST_SPAN_MS, FIRST_SPAN_MS * 2 ** (failures - 1)) * random())
}
