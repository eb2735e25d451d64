// Network namespaces: the walls of a lab. All traffic stays inside the namespaces made here.
import type { ChildProcess } from 'node:child_process'
import { runOrThrow, start, type StartOptions } from './processes.js'

/** Makes a namespace with its loopback up. */
export async function addNamespace(name: string, options: { readonly ipv6?: boolean } = {}): Promise<void> {
  await runOrThrow('ip', ['netns', 'add', name])
  if (!options.ipv6) await disableIpv6(name)
  await runOrThrow('ip', ['-n', name, 'link', 'set', 'lo', 'up'])
}

/** Starts a command inside a namespace. `ip netns exec` becomes the command, so the child's pid is the command's. */
export function startInside(
  namespace: string,
  command: string,
  args: readonly string[],
  options: StartOptions = {},
): ChildProcess {
  return start('ip', insideArgs(namespace, command, args), options)
}

/** The arguments of `ip` that run a command inside a namespace. */
export function insideArgs(namespace: string, command: string, args: readonly string[]): string[] {
  return ['netns', 'exec', namespace, command, ...args]
}

/** Before any link is up, so that no router solicitation or multicast report strays into a capture. */
async function disableIpv6(namespace: string): Promise<void> {
  const script =
    'for f in all default; do f=/proc/sys/net/ipv6/conf/$f/disable_ipv6; [ ! -e $f ] || echo 1 >$f; done'
  await runOrThrow('ip', insideArgs(namespace, 'sh', ['-c', script]))
}
