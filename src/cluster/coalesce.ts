// Many calls in, one a little later out: whoever recomputes everything after a change should do so once for a burst.

/** @param spanMs from the first call until `act` is called */
export function coalesce(
  spanMs: number,
  act: () => void,
): { readonly soon: () => void; readonly stop: () => void } {
  let timer: NodeJS.Timeout | undefined
  const fire = (): void => {
    timer = undefined
    act()
  }
  return { soon: () => (timer ??= setTimeout(fire, spanMs)), stop: () => clearTimeout(timer) }
}
