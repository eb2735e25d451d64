import { expect, test } from '@jest/globals'
import { FlushRequests } from '../../../src/reconcile/flush-requests.js'

const FLUSHED = { flows: 2, connections: 1, refused: 0, fallbacks: 0 }
const PORT = { kind: 'Port', name: 'vm1' } as const

test('a request asks for a pass, and is answered by it', async () => {
  let asked = 0
  const requests = new FlushRequests(() => asked++)
  const answer = requests.ask(PORT)
  expect(asked).toBe(1)
  const done: unknown[] = []
  await requests.serve((target) => {
    done.push(target)
    return Promise.resolve(FLUSHED)
  })
  expect(await answer).toEqual(FLUSHED)
  expect(done).toEqual([PORT])
  await requests.serve(() => Promise.reject(new Error('nobody waits any more')))
})

test('what keeps one request from being done is told to whoever asked, and the next one is done', async () => {
  const requests = new FlushRequests(() => undefined)
  const [first, second] = [requests.ask(PORT), requests.ask('all')]
  const failing = expect(first).rejects.toThrow('no switch')
  await requests.serve((target) =>
    target === 'all' ? Promise.resolve(FLUSHED) : Promise.reject(new Error('no switch')),
  )
  await failing
  expect(await second).toEqual(FLUSHED)
})

test('a request that no pass comes to is withdrawn: nothing is flushed behind the back of who gave up', async () => {
  const requests = new FlushRequests(() => undefined, 20)
  await expect(requests.ask('all')).rejects.toMatchObject({ code: 'OPENFLOW_TIMEOUT' })
  await requests.serve(() => Promise.reject(new Error('it was withdrawn')))
})

test('a request whose pass takes long is not given up', async () => {
  const requests = new FlushRequests(() => undefined, 20)
  const answer = requests.ask('all')
  await requests.serve(() => new Promise((resolve) => setTimeout(() => resolve(FLUSHED), 60)))
  expect(await answer).toEqual(FLUSHED)
})
