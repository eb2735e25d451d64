import { expect, test } from '@jest/globals'
import { asClusterError, nodeNameTaken } from '../../../src/cluster/failures.js'

const URL = 'http://192.0.2.1:2379'

test.each([
  [
    '14 UNAVAILABLE: No connection established. Last error: Error: connect ECONNREFUSED 192.0.2.1:2379. Resolution note: ',
    'ETCD_UNREACHABLE',
    `etcd at ${URL} does not answer: connect ECONNREFUSED 192.0.2.1:2379.`,
    /Is etcd running/,
  ],
  [
    '14 UNAVAILABLE: No connection established. Last error: Error: self-signed certificate in certificate chain. Resolution note: ',
    'ETCD_UNREACHABLE',
    `etcd at ${URL} does not answer: self-signed certificate in certificate chain.`,
    /Check --etcd-ca/,
  ],
  [
    '3 INVALID_ARGUMENT: etcdserver: authentication failed, invalid user ID or password',
    'ETCD_REFUSED',
    `etcd at ${URL} refuses us: etcdserver: authentication failed, invalid user ID or password.`,
    /Check --etcd-user-file/,
  ],
])('"%s" becomes %s', (said, code, message, remedy) => {
  expect(asClusterError(URL, new Error(said))).toMatchObject({
    code,
    message,
    remedy: expect.stringMatching(remedy) as unknown,
  })
})

test('what is told in our own words already stays as it is', () => {
  const error = nodeNameTaken('a', undefined)
  expect(asClusterError(URL, error)).toBe(error)
})
