import { describe, expect, test } from '@jest/globals'
import { parseEndpoint } from '../../../src/values/endpoint.js'
import { cannotConnect } from '../../../src/ovsdb/failures.js'

const endpoint = parseEndpoint('unix:/run/db.sock')

describe('a failure to connect', () => {
  test.each([
    ['ENOENT', 'no such socket', 'OVS_RUNDIR'],
    ['ECONNREFUSED', 'nothing listens there', 'Is ovsdb-server running?'],
    ['EACCES', 'permission denied', 'Run as root'],
    ['EHOSTUNREACH', 'connect EHOSTUNREACH', '--ovsdb'],
  ])('with %s says what is wrong and what to do', (code, reason, remedy) => {
    const error = cannotConnect(endpoint, Object.assign(new Error(`connect ${code}`), { code }))
    expect(error).toMatchObject({ code: 'OVSDB_UNREACHABLE', retriable: true })
    expect(error.message).toBe(`Cannot connect to ovsdb-server at unix:/run/db.sock: ${reason}.`)
    expect(error.remedy).toContain(remedy)
  })
})
