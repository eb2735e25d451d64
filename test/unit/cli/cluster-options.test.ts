import { Command } from '@commander-js/extra-typings'
import { describe, expect, test } from '@jest/globals'
import {
  etcdAccessOf,
  etcdCaOption,
  etcdCertOption,
  etcdComplaint,
  etcdKeyOption,
  etcdOption,
  etcdPrefixOption,
  etcdUserFileOption,
} from '../../../src/cli/cluster-options.js'

function parse(...words: readonly string[]) {
  const command = new Command()
    .addOption(etcdOption())
    .addOption(etcdPrefixOption())
    .addOption(etcdCaOption())
    .addOption(etcdCertOption())
    .addOption(etcdKeyOption())
    .addOption(etcdUserFileOption())
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
  return command.parse(words, { from: 'user' }).opts()
}

describe('--etcd', () => {
  test('names members, with the port of etcd where none is given', () => {
    expect(parse('--etcd', 'http://a,HTTP://10.0.0.1:80,http://[::1]:2380/').etcd).toEqual([
      'http://a:2379',
      'http://10.0.0.1:80',
      'http://[::1]:2380',
    ])
  })

  test.each([
    'a:2379',
    'http://',
    'http://a:0',
    'http://a:65536',
    'http://a/v2',
    'http://u@a',
    'http://a,,http://b',
  ])('refuses %s', (text) => expect(() => parse('--etcd', text)).toThrow(/Use http:\/\/HOST:PORT/))

  test('wants all members with TLS, or none', () => {
    expect(() => parse('--etcd', 'http://a,https://b')).toThrow(/Use either/)
  })

  test('comes to no cluster when it is absent, and to all that its client has to know otherwise', () => {
    expect(etcdAccessOf(parse())).toBeUndefined()
    const words = ['--etcd-ca', 'ca', '--etcd-cert', 'cert', '--etcd-key', 'key', '--etcd-user-file', 'user']
    expect(etcdAccessOf(parse('--etcd', 'https://a', ...words))).toEqual({
      urls: ['https://a:2379'],
      prefix: '/ovs-reconcile',
      caFile: 'ca',
      certFile: 'cert',
      keyFile: 'key',
      userFile: 'user',
    })
  })
})

test.each(['ovs', '/', '/a/', '/a//b', '/a b'])('--etcd-prefix refuses "%s"', (text) => {
  expect(() => parse('--etcd-prefix', text)).toThrow(/Use a path/)
})

test('--etcd-prefix takes a path', () => {
  expect(parse('--etcd-prefix', '/site-1/ovs').etcdPrefix).toBe('/site-1/ovs')
})

test.each([
  [['--etcd-ca', 'f'], "error: option '--etcd-ca' needs '--etcd'"],
  [['--etcd-user-file', 'f'], "error: option '--etcd-user-file' needs '--etcd'"],
  [['--etcd', 'http://a', '--etcd-ca', 'f'], "error: option '--etcd-ca' needs https:// in '--etcd'"],
  [['--etcd', 'https://a', '--etcd-cert', 'f'], "error: option '--etcd-cert' needs '--etcd-key'"],
  [['--etcd', 'https://a', '--etcd-key', 'f'], "error: option '--etcd-key' needs '--etcd-cert'"],
  [['--etcd', 'http://a', '--etcd-user-file', 'f'], undefined],
  [['--etcd', 'https://a', '--etcd-ca', 'f', '--etcd-cert', 'f', '--etcd-key', 'f'], undefined],
  [[], undefined],
])('the words %j together: %s', (words, complaint) => {
  expect(etcdComplaint(parse(...words))).toBe(complaint)
})
