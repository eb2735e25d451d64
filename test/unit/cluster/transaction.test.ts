import { expect, test } from '@jest/globals'
import { batchesOf } from '../../../src/cluster/transaction.js'

test('changes go in transactions that etcd takes as it is, in their order', () => {
  const changes = Array.from({ length: 250 }, (_, i) => ({
    ...({ kind: 'ports', name: `vm${i}`, value: 'a', expected: 0 } as const),
  }))
  const batches = batchesOf(changes)
  expect(batches.map(({ length }) => length)).toEqual([100, 100, 50])
  expect(batches.flat()).toEqual(changes)
  expect(batchesOf([])).toEqual([])
})
