import { expect, test } from '@jest/globals'
import { PartQueue } from '../../../src/openflow/part-queue.js'

test('parts come out in their order, those that are awaited as soon as they are there', async () => {
  const queue = new PartQueue<number>()
  queue.push(1)
  expect(queue.take()).toBe(1)
  expect(queue.take()).toBeUndefined()
  const next = queue.next()
  queue.push(2)
  queue.push(3)
  expect(await next).toBe(2)
  expect(await queue.next()).toBe(3)
})

test('what came before a failure is taken first; of two failures the first counts', async () => {
  const queue = new PartQueue<number>()
  queue.push(1)
  queue.fail(new Error('first'))
  queue.fail(new Error('second'))
  expect(await queue.next()).toBe(1)
  await expect(queue.next()).rejects.toThrow('first')
})

test('a failure ends the waiting', async () => {
  const queue = new PartQueue<number>()
  const next = queue.next()
  queue.fail(new Error('gone'))
  await expect(next).rejects.toThrow('gone')
})
