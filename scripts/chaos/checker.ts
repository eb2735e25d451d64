// The independent checker (check.py): folders of manifests go in, how the switch differs from each comes out.
import type { Lab } from '../../test/support/lab.js'
import { start } from '../../test/support/processes.js'
import { Helper, script } from './helper.js'

export interface WrongFlows {
  readonly missing: readonly string[]
  readonly extra: readonly string[]
  readonly different: readonly string[]
}

export interface Candidate {
  readonly folder: string
  readonly wrong: number
  /** Examples. */
  readonly flows: WrongFlows
}

export interface Look {
  /** The first folder that is on the switch, flow by flow. */
  readonly right: string | null
  /** Why there was nothing to see. */
  readonly failed?: string
  readonly ours?: number
  readonly foreign?: number
  readonly generations?: readonly string[]
  readonly candidates?: readonly Candidate[]
}

export interface Snapshots {
  readonly looks: number
  readonly mixed: number
  readonly samples: readonly (readonly string[])[]
}

export class Checker {
  readonly #helper: Helper

  constructor(lab: Lab) {
    this.#helper = startPython(lab, '--serve')
  }

  /** One dump, compared with each folder. */
  async look(...folders: readonly string[]): Promise<Look> {
    return (await this.#helper.ask(folders)) as Look
  }

  async close(): Promise<void> {
    await this.#helper.end()
  }
}

/** Looks for mixed generations all the time, until it is closed. */
export class SnapshotWatch {
  readonly #helper: Helper

  constructor(lab: Lab) {
    this.#helper = startPython(lab, '--snapshots')
  }

  /** What was seen so far. */
  async seen(): Promise<Snapshots> {
    return (await this.#helper.ask('seen')) as Snapshots
  }

  async close(): Promise<void> {
    await this.#helper.end()
  }
}

function startPython(lab: Lab, mode: string): Helper {
  return new Helper(start('python3', ['-B', script('check.py'), mode], { env: lab.env }))
}

/** What is wrong, for people. */
export function describeLook({ failed, candidates = [] }: Look): string {
  if (failed !== undefined) return failed
  const [first] = candidates
  if (!first) return 'nothing was looked at'
  return Object.entries(first.flows)
    .flatMap(([how, flows]: [string, readonly string[]]) => flows.map((flow) => `  ${how}: ${flow}`))
    .join('\n')
}
