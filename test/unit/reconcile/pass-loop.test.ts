import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from '@jest/globals'
import { ReconcileError } from '../../../src/errors/error.js'
import { PassLoop } from '../../../src/reconcile/pass-loop.js'
import { waitFor } from '../../support/wait.js'

const RETRIABLE = new ReconcileError('SWITCH_UNREACHABLE', 'gone')
const REFUSED = new ReconcileError('FLOW_REFUSED', 'no')

/** A loop whose passes the test ends one by one. */
function startLoop(random = 0) {
  const passes: { readonly full: boolean; readonly end: (error?: Error) => void }[] = []
  const errors: { readonly error: unknown; readonly retryInMs: number | undefined }[] = []
  const loop = new PassLoop({
    run: (full) =>
      new Promise((resolve, reject) => {
        passes.push({ full, end: (error) => (error ? reject(error) : resolve()) })
      }),
    onError: (error, retryInMs) => errors.push({ error, retryInMs }),
    random: () => random,
  })
  /** Ends the last pass and lets everything that follows at once happen. */
  const end = async (error?: Error) => {
    passes.at(-1)?.end(error)
    await sleep(5)
  }
  return { loop, errors, end, kinds: () => passes.map(({ full }) => (full ? 'full' : 'packets')) }
}

describe('requests', () => {
  test('start a pass at once', () => {
    const { loop, kinds } = startLoop()
    loop.requestFull()
    expect(kinds()).toEqual(['full'])
  })

  test('that come during a pass are one more pass, not many, and never two at a time', async () => {
    const { loop, kinds, end } = startLoop()
    loop.requestFull()
    for (let i = 0; i < 10; i++) loop.requestFull()
    expect(kinds()).toEqual(['full'])
    await end()
    expect(kinds()).toEqual(['full', 'full'])
    await end()
    expect(kinds()).toHaveLength(2)
  })

  test('for packets are fulfilled by a full pass that is wanted too, in whatever order they came', async () => {
    const { loop, kinds, end } = startLoop()
    loop.requestPackets()
    loop.requestPackets()
    loop.requestFull()
    loop.requestPackets()
    await end()
    expect(kinds()).toEqual(['packets', 'full'])
    await end()
    expect(kinds()).toHaveLength(2)
  })
})

describe('a pass that fails', () => {
  test('for a reason that time may mend is tried again, after a pause that doubles', async () => {
    const { loop, kinds, errors, end } = startLoop()
    loop.requestFull()
    await end(RETRIABLE)
    expect(errors).toEqual([{ error: RETRIABLE, retryInMs: 200 }])
    expect(kinds()).toHaveLength(1)
    await waitFor(() => kinds().length === 2, { everyMs: 10 })
    await end(RETRIABLE)
    expect(errors.at(-1)?.retryInMs).toBe(400)
    await loop.stop()
  })

  test('begins with the short pause again after one that went well', async () => {
    const { loop, errors, end } = startLoop()
    loop.requestFull()
    await end(RETRIABLE)
    loop.requestFull()
    await end(RETRIABLE)
    loop.requestFull()
    await end()
    loop.requestFull()
    await end(RETRIABLE)
    expect(errors.map(({ retryInMs }) => retryInMs)).toEqual([200, 400, 200])
    await loop.stop()
  })

  test('waits two seconds at the most', async () => {
    const { loop, errors, end } = startLoop()
    for (let i = 0; i < 8; i++) {
      loop.requestFull()
      await end(RETRIABLE)
    }
    expect(errors.map(({ retryInMs }) => retryInMs)).toEqual([200, 400, 800, 1600, 2000, 2000, 2000, 2000])
    await loop.stop()
  })

  test('waits up to a quarter longer, so that two that lost the same server do not come back together', async () => {
    const { loop, errors, end } = startLoop(1)
    for (let i = 0; i < 5; i++) {
      loop.requestFull()
      await end(RETRIABLE)
    }
    expect(errors.map(({ retryInMs }) => retryInMs)).toEqual([250, 500, 1000, 2000, 2500])
    await loop.stop()
  })

  test.each([REFUSED, new Error('a bug')])('with %s waits for another input', async (error) => {
    const { loop, kinds, errors, end } = startLoop()
    loop.requestFull()
    await end(error)
    expect(errors).toEqual([{ error, retryInMs: undefined }])
    await sleep(300)
    expect(kinds()).toHaveLength(1)
    loop.requestFull()
    expect(kinds()).toHaveLength(2)
  })

  test('leaves no request behind that came meanwhile', async () => {
    const { loop, kinds, end } = startLoop()
    loop.requestFull()
    loop.requestFull()
    await end(REFUSED)
    expect(kinds()).toEqual(['full', 'full'])
  })

  test('is still owed when packets come in the pause, and packets do not wait for it', async () => {
    const { loop, kinds, end } = startLoop()
    loop.requestFull()
    await end(RETRIABLE)
    loop.requestPackets()
    expect(kinds()).toEqual(['full', 'packets'])
    await end()
    await waitFor(() => kinds().length === 3, { everyMs: 10 })
    expect(kinds().at(-1)).toBe('full')
  })

  test('is tried at once when a full pass is asked for in the pause, and not a second time after it', async () => {
    const { loop, kinds, end } = startLoop()
    loop.requestFull()
    await end(RETRIABLE)
    loop.requestFull()
    expect(kinds()).toHaveLength(2)
    await end()
    await sleep(300)
    expect(kinds()).toHaveLength(2)
  })
})

test('a full pass may be asked for after a pause', async () => {
  const { loop, kinds } = startLoop()
  loop.requestRetry()
  expect(kinds()).toEqual([])
  await waitFor(() => kinds().length === 1, { everyMs: 10 })
  expect(kinds()).toEqual(['full'])
})

describe('the end', () => {
  test('lets the pass that runs come to its own, and none follows', async () => {
    const { loop, kinds, end } = startLoop()
    loop.requestFull()
    loop.requestFull()
    let stopped = false
    const stop = loop.stop().then(() => (stopped = true))
    await sleep(5)
    expect(stopped).toBe(false)
    await end()
    await stop
    loop.requestFull()
    loop.requestPackets()
    expect(kinds()).toEqual(['full'])
  })

  test('takes back a retry that waits', async () => {
    const { loop, kinds, end } = startLoop()
    loop.requestFull()
    await end(RETRIABLE)
    await loop.stop()
    await sleep(300)
    expect(kinds()).toHaveLength(1)
  })

  test('comes at once when nothing runs', async () => {
    await startLoop().loop.stop()
  })
})
