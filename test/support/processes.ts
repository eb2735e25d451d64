// Child processes for tests and the demo: a command goes in, what it printed and how it ended comes out.
// Every child gets a session of its own, so that a Ctrl-C reaches us alone and we decide the order of the end.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'

export type Environment = Readonly<Record<string, string | undefined>>

export interface StartOptions {
  /** Added to, or with `undefined` taken from, this process's own environment. */
  readonly env?: Environment
  readonly cwd?: string
}

export interface RunOptions extends StartOptions {
  /** Text for the command's standard input, which is empty unless given. */
  readonly input?: string
  /** Milliseconds until the command is killed; 30,000 unless given. */
  readonly timeoutMs?: number
}

export interface Finished {
  /** The exit code; null when a signal ended the process. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts a command whose standard input, output and error are pipes. */
export function start(command: string, args: readonly string[], options: StartOptions = {}): ChildProcess {
  return spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin`, ...options.env },
    detached: true,
    stdio: 'pipe',
  })
}

/** Runs a command to its end, whatever its exit code. Throws when it cannot be started or takes too long. */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  const { input = '', timeoutMs = 30_000 } = options
  const child = start(command, args, options)
  const stdout = collect(child.stdout)
  const stderr = collect(child.stderr)
  child.stdin?.on('error', () => undefined) // a command may end without reading its input
  child.stdin?.end(input)
  const late = new AbortController()
  const timer = setTimeout(() => {
    late.abort()
    child.kill('SIGKILL')
  }, timeoutMs)
  try {
    await once(child, 'close')
  } finally {
    clearTimeout(timer)
  }
  if (late.signal.aborted)
    throw new Error(`${commandLine(command, args)} took longer than ${timeoutMs} ms.\n${stderr()}`)
  return { code: child.exitCode, stdout: stdout(), stderr: stderr() }
}

/** Runs a command that must succeed and returns what it printed. Throws with its complaint otherwise. */
export async function runOrThrow(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, options)
  if (code === 0) return stdout
  throw new Error(
    `${commandLine(command, args)} ended with ${code ?? 'a signal'}: ${(stderr || stdout).trim()}`,
  )
}

/** Ends a child of ours (SIGTERM unless said) and waits for it; gives its exit code, null when a signal ended it. */
export async function stop(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
  child.kill(signal)
  return exited(child)
}

/** Waits until a child has ended; gives its exit code, null when a signal ended it. */
export async function exited(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return child.exitCode
}

/** Gathers a stream's text; the returned function gives what has come so far. */
export function collect(stream: NodeJS.ReadableStream | null): () => string {
  let text = ''
  stream?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  return () => text
}

function commandLine(command: string, args: readonly string[]): string {
  return [command, ...args].join(' ')
}
