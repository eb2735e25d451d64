// An etcd that wants certificates, or a user with a password, and what is said when these are wrong.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { openCluster } from '../../src/cluster/cluster.js'
import type { ClusterOptions } from '../../src/cluster/options.js'
import { Agent } from '../support/cluster-agents.js'
import { type EtcdCluster, startEtcd } from '../support/etcd.js'
import { makePki, type Pki } from '../support/pki.js'
import { waitFor } from '../support/wait.js'

let folder: string
let pki: Pki

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ovsr-pki-'))
  pki = await makePki(folder)
})

afterAll(() => rm(folder, { recursive: true }))

async function fileOf(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

async function withAgent(
  etcd: EtcdCluster,
  options: Partial<ClusterOptions>,
  look: (agent: Agent) => Promise<void>,
): Promise<void> {
  const agent = await Agent.open({ urls: etcd.urls, node: 'a', switchId: 'a', ...options })
  try {
    await look(agent)
  } finally {
    await agent.cluster.close()
  }
}

const untilFails = (agent: Agent, code: string) => waitFor(() => agent.cluster.state.error?.code === code)

async function untilBound(agent: Agent): Promise<void> {
  agent.publish('vm1')
  await waitFor(() => agent.bindings.vm1 === 'a', { timeoutMs: 20_000 })
}

describe('over TLS', () => {
  let etcd: EtcdCluster

  beforeAll(async () => {
    etcd = await startEtcd({ tls: { ...pki.server, caFile: pki.caFile } })
  })

  afterAll(() => etcd.stop())

  test('a node with a certificate of the authority is let in', () =>
    withAgent(etcd, { caFile: pki.caFile, ...pki.client }, untilBound))

  test('a server of an authority that is not ours is not spoken to', () =>
    withAgent(etcd, pki.client, async (agent) => {
      await untilFails(agent, 'ETCD_UNREACHABLE')
      expect(agent.cluster.state.error).toMatchObject({
        message: expect.stringContaining('certificate') as unknown,
        remedy: expect.stringContaining('--etcd-ca') as unknown,
      })
    }))

  test('a node without a certificate is not let in', () =>
    withAgent(etcd, { caFile: pki.caFile }, async (agent) => {
      await untilFails(agent, 'ETCD_UNREACHABLE')
      expect(agent.cluster.state.connected).toBe(false)
    }))
})

describe('with a user', () => {
  let etcd: EtcdCluster

  beforeAll(async () => {
    etcd = await startEtcd()
    const client = etcd.client()
    const root = await client.user('root').create('secret')
    await root.addRole('root')
    const role = await client.role('agents').create()
    await role.grant({ permission: 'Readwrite', range: client.range({ prefix: '/test/' }) })
    const user = await client.user('agent').create('pass:word')
    await user.addRole('agents')
    await client.auth.authEnable()
  })

  afterAll(() => etcd.stop())

  test('the name and the password of the file let a node in', async () => {
    const userFile = await fileOf('right', 'agent:pass:word\n')
    await withAgent(etcd, { userFile }, untilBound)
  })

  test.each([
    ['a wrong password', 'agent:wrong', '/test'],
    ['keys that this user may not read', 'agent:pass:word', '/other'],
  ])('%s is told', async (_, text, prefix) => {
    const userFile = await fileOf('wrong', text)
    await withAgent(etcd, { userFile, prefix }, async (agent) => {
      await untilFails(agent, 'ETCD_REFUSED')
      expect(agent.cluster.state.error?.remedy).toContain('--etcd-user-file')
    })
  })

  test('no user at all is told', () =>
    withAgent(etcd, {}, async (agent) => {
      await untilFails(agent, 'ETCD_REFUSED')
    }))
})

describe('a file', () => {
  const access = {
    urls: ['http://127.0.0.1:1'],
    prefix: '/test',
    node: 'a',
    switchId: 'a',
    onChange: () => undefined,
  }
  const files = { caFile: undefined, certFile: undefined, keyFile: undefined, userFile: undefined }

  test('that is absent stops the node before it begins', async () => {
    const caFile = join(folder, 'absent')
    await expect(openCluster({ ...access, ...files, caFile })).rejects.toMatchObject({
      code: 'PATH_UNREADABLE',
      message: expect.stringContaining('--etcd-ca') as unknown,
    })
  })

  test.each(['agent', ':word', 'agent:', 'agent:word\nmore\n'])(
    'that holds %j names no user',
    async (text) => {
      const userFile = await fileOf('malformed', text)
      await expect(openCluster({ ...access, ...files, userFile })).rejects.toMatchObject({
        code: 'INVALID_CONFIG',
      })
    },
  )
})
