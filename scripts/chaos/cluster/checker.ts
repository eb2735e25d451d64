// The independent checker of many nodes (check_cluster.py): the folder of the manifests goes in, with what only the run knows of
// where ports are; how the bridges of all nodes differ comes out.
import { start } from '../../../test/support/processes.js'
import { Helper, script } from '../helper.js'
import type { WrongFlows } from '../checker.js'
import type { Machine } from './machine.js'
import type { NodeName } from './manifests.js'

/** Which node has a port that is plugged in at several. */
export type Contested = Readonly<Record<string, NodeName>>

export interface Circumstances {
  /** Any of these may be; nothing is contested unless given. */
  readonly candidates?: readonly Contested[]
  /** Machines that are dead. */
  readonly away?: readonly NodeName[]
  /** Machines whose lease has run out. */
  readonly unseen?: readonly NodeName[]
}

export interface ClusterLook {
  /** Index of the candidate by which all is right. */
  readonly right: number | null
  /** Why there was nothing to see. */
  readonly failed?: string
  /** On all bridges. */
  readonly flows?: number
  readonly candidates?: readonly {
    readonly wrong: number
    /** Examples, by node and bridge. */
    readonly flows: Readonly<Record<string, Partial<WrongFlows>>>
  }[]
}

export class ClusterChecker {
  readonly #helper: Helper
  readonly #folder: string
  readonly #nodes: Readonly<Record<string, string>>

  constructor(folder: string, machines: readonly Machine[]) {
    this.#helper = new Helper(start('python3', ['-B', script('check_cluster.py')]))
    this.#folder = folder
    this.#nodes = Object.fromEntries(machines.map(({ name, node }) => [name, node.lab.runDir]))
  }

  async look({ candidates = [{}], away = [], unseen = [] }: Circumstances = {}): Promise<ClusterLook> {
    const contested = candidates.map((each) => ({ contested: each }))
    const question = { folder: this.#folder, nodes: this.#nodes, candidates: contested, away, unseen }
    return (await this.#helper.ask(question)) as ClusterLook
  }

  async close(): Promise<void> {
    await this.#helper.end()
  }
}

/** 0: nothing; infinite: there was nothing to see. */
export function wrongIn({ right, candidates }: ClusterLook): number {
  if (right !== null) return 0
  return candidates?.[0]?.wrong ?? Number.POSITIVE_INFINITY
}

/** What is wrong, for people. */
export function describeClusterLook({ failed, candidates = [] }: ClusterLook): string {
  if (failed !== undefined) return failed
  const lines = Object.entries(candidates[0]?.flows ?? {}).flatMap(([where, wrong]) =>
    Object.entries(wrong).flatMap(([how, flows]) => flows.map((flow) => `  ${where} ${how}: ${flow}`)),
  )
  return lines.join('\n')
}
