import { describe, expect, test } from '@jest/globals'
import { waitFor } from '../../support/wait.js'

describe('waitFor', () => {
  test('gives the first true value', async () => {
    const values = [undefined, '', 'there', 'later']
    expect(await waitFor(() => values.shift(), { everyMs: 1 })).toBe('there')
  })

  test('takes a look that throws for "not yet"', async () => {
    let looks = 0
    const look = (): number => {
      looks += 1
      if (looks < 3) throw new Error('too early')
      return looks
    }
    expect(await waitFor(look, { everyMs: 1 })).toBe(3)
  })

  test('names what it waited for, and the last complaint', async () => {
    const look = (): boolean => {
      throw new Error('no such port')
    }
    const options = { timeoutMs: 5, everyMs: 1, what: 'the port' }
    await expect(waitFor(look, options)).rejects.toThrow('Waited 5 ms in vain for the port: no such port')
  })
})
