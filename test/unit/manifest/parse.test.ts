import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { parseManifests } from '../../../src/manifest/parse.js'
import { renderCidr } from '../../../src/values/cidr.js'
import { renderIpv4 } from '../../../src/values/ipv4.js'

const good = readFileSync(new URL('../../fixtures/good/two-networks.yaml', import.meta.url), 'utf8')
const goodDocuments = good.split('---\n')

function parse(text: string, path = 'a.yaml') {
  return parseManifests([{ path, text }])
}

const network = (name: string, id: number): string =>
  `apiVersion: reconcile/v1\nkind: Network\nmetadata: { name: ${name} }\nspec: { segmentationId: ${id} }\n`

describe('two networks and a router', () => {
  const { manifests, problems } = parse(good)

  test('have no problems', () => {
    expect(problems).toEqual([])
  })

  test('are networks with their numbers, also when those are written in hexadecimal', () => {
    expect(manifests?.networks.map(({ name, segmentationId }) => [name, segmentationId])).toEqual([
      ['net1', 0x1f42],
      ['net2', 8003],
    ])
  })

  test('are subnets whose gateway is the first host unless given', () => {
    expect(
      manifests?.subnets.map(({ network, cidr, gatewayIp }) => [
        network,
        renderCidr(cidr),
        renderIpv4(gatewayIp),
      ]),
    ).toEqual([
      ['net1', '10.1.0.0/24', '10.1.0.1'],
      ['net2', '10.2.0.0/24', '10.2.0.1'],
    ])
  })

  test('are a router whose interfaces have the gateway addresses', () => {
    const [router] = manifests!.routers
    expect(
      router!.interfaces.map(({ subnet, ipAddress, macAddress }) => [
        subnet,
        renderIpv4(ipAddress),
        macAddress,
      ]),
    ).toEqual([
      ['net1-v4', '10.1.0.1', 'fa:16:3e:c0:8d:8b'],
      ['net2-v4', '10.2.0.1', 'fa:16:3e:c5:02:4d'],
    ])
    expect(router!.interfaces[1]!.at).toMatchObject({ line: 30, column: 7 })
  })

  test('are ports with an interface, or else their name as iface-id', () => {
    expect(
      manifests?.ports.map(({ name, host, interface: itf, ifaceId }) => [name, host, itf, ifaceId]),
    ).toEqual([
      ['vm1', 'node-a', 'tap-vm1', undefined],
      ['vm2', undefined, undefined, 'vm2'],
    ])
    expect(manifests?.ports.map(({ macAddress }) => macAddress)).toEqual([
      'fa:16:3e:00:17:e6',
      'fa:16:3e:cf:4b:ed',
    ])
  })

  test('remember where each name is written, and the labels', () => {
    expect(manifests?.networks[0]).toMatchObject({
      at: { file: 'a.yaml', line: 4, column: 19, length: 4 },
      labels: { team: 'blue' },
    })
  })

  test('are nodes with dots in their names', () => {
    expect(manifests?.nodes.map(({ name, encapsulation }) => [name, encapsulation])).toEqual([
      ['node-a', 'geneve'],
      ['node-b.example.com', 'geneve'],
    ])
  })

  test('are the same in whatever order the documents and files come', () => {
    const files = goodDocuments.map((text, index) => ({ path: `${index}.yaml`, text }))
    const names = (set: typeof manifests) =>
      Object.values(set!).map((list: readonly { name: string }[]) => list.map(({ name }) => name))
    expect(names(parseManifests(files.toReversed()).manifests)).toEqual(names(manifests))
  })
})

test('MAC addresses that are not given are the same whatever else is there', () => {
  const port = 'apiVersion: reconcile/v1\nkind: Port\nmetadata: { name: vm1 }\nspec: { network: net1 }\n'
  const alone = parse(`${network('net1', 1)}---\n${port}`).manifests!
  const among = parse(`${network('net1', 1)}---\n${port.replace('vm1', 'vm0')}---\n${port}`).manifests!
  expect(alone.ports[0]!.macAddress).toMatch(/^[0-9a-f][26ae](:[0-9a-f]{2}){5}$/)
  expect(among.ports[1]!.macAddress).toBe(alone.ports[0]!.macAddress)
  expect(among.ports[0]!.macAddress).not.toBe(alone.ports[0]!.macAddress)
})

test.each(['', '\n', '# nothing yet\n', '---\n', '---\n---\n', '\ufeff', '...\n', '---\n# a\n---\nnull\n'])(
  'a file with nothing in it (%j) is an empty set',
  (text) => {
    expect(parse(text).problems).toEqual([])
    expect(parse(text).manifests).toEqual({ networks: [], subnets: [], routers: [], ports: [], nodes: [] })
  },
)

test('no files are an empty set', () => {
  expect(parseManifests([]).manifests?.networks).toEqual([])
})

test('a file with a byte order mark and CRLF line ends reads like any other', () => {
  expect(parse(`\ufeff${good.replaceAll('\n', '\r\n')}`).problems).toEqual([])
})

test('a reference may lead to another file', () => {
  const files = goodDocuments.map((text, index) => ({ path: `${index}.yaml`, text }))
  expect(parseManifests(files).problems).toEqual([])
})

test('problems of several files are sorted by file, line and column, with both places of a duplicate', () => {
  const { problems } = parseManifests([
    { path: 'b.yaml', text: `${network('net1', 2)}---\n${network('net2', 0)}` },
    { path: 'a.yaml', text: network('net1', 1) },
  ])
  expect(problems.map(({ code, at }) => [code, at?.file, at?.line])).toEqual([
    ['DUPLICATE_NAME', 'b.yaml', 3],
    ['WRONG_VALUE', 'b.yaml', 9],
  ])
  expect(problems[0]!.related).toEqual([
    { label: 'first defined here', at: { file: 'a.yaml', line: 3, column: 19, length: 4 } },
  ])
})

test('a file with broken YAML does not make the references to its objects wrong', () => {
  const files = goodDocuments.map((text, index) => ({ path: `${index}.yaml`, text }))
  const broken = files.with(0, { path: '0.yaml', text: files[0]!.text.replace('spec:', '\tspec:') })
  expect(parseManifests(broken).problems.map(({ code, at }) => [code, at?.file])).toEqual([
    ['YAML_SYNTAX', '0.yaml'],
  ])
})

test('references are not judged while some files could not be read', () => {
  const [, ...rest] = goodDocuments.map((text, index) => ({ path: `${index}.yaml`, text }))
  expect(parseManifests(rest).problems.map(({ code }) => code)).toContain('UNRESOLVED_REFERENCE')
  expect(parseManifests(rest, { incomplete: true }).problems).toEqual([])
})

test('two routers may share a subnet with different addresses', () => {
  const router = (name: string, ip: string): string =>
    `apiVersion: reconcile/v1\nkind: Router\nmetadata: { name: ${name} }\nspec: { interfaces: [{ subnet: net1-v4, ipAddress: ${ip} }] }\n`
  const documents = [...goodDocuments, router('r8', '10.1.0.8'), router('r9', '10.1.0.9')]
  expect(parse(documents.join('---\n')).problems).toEqual([])
})

test('two ports may have the same interface on different hosts, and several addresses in one subnet', () => {
  const port = (name: string, host: string, last: number): string =>
    `apiVersion: reconcile/v1\nkind: Port\nmetadata: { name: ${name} }\nspec:\n  network: net1\n  host: ${host}\n  interface: tap0\n` +
    `  fixedIps: [{ subnet: net1-v4, ipAddress: 10.1.0.${last} }, { subnet: net1-v4, ipAddress: 10.1.0.${last + 1} }]\n`
  const documents = [...goodDocuments, port('a', 'node-a', 20), port('b', 'node-b.example.com', 30)]
  expect(parse(documents.join('---\n')).problems).toEqual([])
})

test('networks that no router joins may use the same prefix', () => {
  const subnet = (name: string, net: string): string =>
    `apiVersion: reconcile/v1\nkind: Subnet\nmetadata: { name: ${name} }\nspec: { network: ${net}, cidr: 10.9.0.0/24 }\n`
  const documents = [...goodDocuments, subnet('x', 'net1'), subnet('y', 'net2')]
  expect(parse(documents.join('---\n')).problems).toEqual([])
})

test('ten thousand objects are read and checked within seconds, even when every one is wrong in the same way', () => {
  const port = (index: number): string =>
    `apiVersion: reconcile/v1\nkind: Port\nmetadata: { name: vm${index} }\nspec:\n  network: net1\n` +
    `  fixedIps: [{ subnet: s, ipAddress: 10.${index >> 8}.${index & 255}.7 }]\n  host: node-${index}\n`
  const subnet =
    'apiVersion: reconcile/v1\nkind: Subnet\nmetadata: { name: s }\nspec: { network: net1, cidr: 10.0.0.0/8 }\n'
  const documents = [network('net1', 1), subnet, ...Array.from({ length: 10_000 }, (_, index) => port(index))]
  // Processor time: the clock also counts what else the machine does.
  const start = process.cpuUsage()
  const { problems } = parse(documents.join('---\n'))
  expect(problems).toHaveLength(10_000)
  expect(new Set(problems.map(({ code }) => code))).toEqual(new Set(['UNRESOLVED_REFERENCE']))
  const { user, system } = process.cpuUsage(start)
  expect((user + system) / 1e6).toBeLessThan(20)
}, 120_000)
