import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { parseConfig, readConfig } from '../../../src/cli/config.js'
import { ReconcileError } from '../../../src/errors/error.js'

function problemOf(text: string): ReconcileError {
  try {
    parseConfig('reconcile.yaml', text)
  } catch (error) {
    if (error instanceof ReconcileError) return error
    throw error
  }
  throw new Error('no problem was found')
}

describe('a configuration', () => {
  test('says how long connections are remembered', () => {
    const text = 'connections:\n  idleTimeout: 60\n  hardTimeout: 3600\n'
    expect(parseConfig('reconcile.yaml', text)).toEqual({
      connections: { idleTimeout: 60, hardTimeout: 3600 },
      packetIn: {},
      sync: {},
    })
  })

  test('may say one of the two, or zero for never', () => {
    expect(parseConfig('reconcile.yaml', 'connections: { idleTimeout: 0 }')).toEqual({
      connections: { idleTimeout: 0 },
      packetIn: {},
      sync: {},
    })
  })

  test('says how many packets each port may send to the controller', () => {
    const text = 'packetIn:\n  rate: 0\n  burst: 1000000\n'
    expect(parseConfig('reconcile.yaml', text)).toEqual({
      connections: {},
      packetIn: { rate: 0, burst: 1_000_000 },
      sync: {},
    })
  })

  test.each(['correct', 'warn', 'ignore'])('says what to do about drift: %s', (onDrift) => {
    expect(parseConfig('reconcile.yaml', `sync: { onDrift: ${onDrift} }`)).toEqual({
      connections: {},
      packetIn: {},
      sync: { onDrift },
    })
  })

  test.each(['', '# nothing yet\n', '{}', 'connections: {}'])('may be empty: %j', (text) => {
    expect(parseConfig('reconcile.yaml', text)).toEqual({ connections: {}, packetIn: {}, sync: {} })
  })
})

describe('a mistake is reported at its place', () => {
  test.each([
    [
      'an unknown setting',
      'connection: {}\n',
      1,
      'there is no "connection" here; use connections or packetIn or sync',
    ],
    ['an unknown policy', 'sync:\n  onDrift: repair\n', 2, 'this is not one of correct, warn, ignore'],
    [
      'an unknown timeout',
      'connections:\n  idle: 1\n',
      2,
      'there is no "idle" here; use idleTimeout or hardTimeout',
    ],
    ['a text for a number', 'connections:\n  idleTimeout: "60"\n', 2, 'not a whole number of seconds'],
    ['a fraction', 'connections:\n  hardTimeout: 1.5\n', 2, 'not a whole number of seconds'],
    ['too many seconds', 'connections:\n  hardTimeout: 65536\n', 2, 'not a whole number of seconds'],
    ['less than none', 'connections:\n  hardTimeout: -1\n', 2, 'not a whole number of seconds'],
    ['half a packet', 'packetIn:\n  rate: 0.5\n', 2, 'not a whole number of packets, 0 to 1000000'],
    ['no burst', 'packetIn:\n  burst: 0\n', 2, 'not a whole number of packets, 1 to 1000000'],
    ['an unknown limit', 'packetIn:\n  max: 1\n', 2, 'there is no "max" here; use rate or burst'],
    ['a list', '- connections\n', 1, 'this is not a mapping'],
    ['a list of connections', 'connections: []\n', 1, 'this is not a mapping'],
    ['nothing for connections', 'connections:\n', 1, 'this is not a mapping'],
    ['a second document', '{}\n---\n{}\n', 3, 'a configuration file is one document'],
    ['broken YAML', 'connections: {\n', 2, ''],
  ])('%s', (_, text, line, message) => {
    const problem = problemOf(text)
    expect(problem).toMatchObject({
      code: 'INVALID_CONFIG',
      exitCode: 64,
      at: { file: 'reconcile.yaml', line },
    })
    expect(problem.message).toContain(message)
    expect(problem.remedy).toBeDefined()
  })
})

describe('the file', () => {
  test('need not be there', async () => {
    expect(await readConfig(undefined)).toEqual({ connections: {}, packetIn: {}, sync: {} })
  })

  test('that was named and is not there is an error', async () => {
    await expect(readConfig('/nowhere/reconcile.yaml')).rejects.toMatchObject({
      code: 'PATH_UNREADABLE',
      message: 'Cannot read the configuration file "/nowhere/reconcile.yaml".',
    })
  })

  test('is read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'config-'))
    const file = join(folder, 'reconcile.yaml')
    await writeFile(file, 'connections: { hardTimeout: 7 }\n')
    expect(await readConfig(file)).toEqual({ connections: { hardTimeout: 7 }, packetIn: {}, sync: {} })
    await rm(folder, { recursive: true })
  })
})
