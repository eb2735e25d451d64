// What has happened since the start: judgements and flows in, numbers for log, status and metrics out. All that counts
// packets is here, and no number of names can grow with what guests send.
import type { ReactiveKind } from '../compile/observed.js'
import type { Problem } from '../packet/malformed.js'
import type { AnswerKind } from './answer.js'
import type { Judgement, Reason } from './packet-in.js'

type Tally<K extends string> = Readonly<Partial<Record<K, number>>>

export interface CounterValues {
  /** Bundles that were applied. */
  readonly passes: number
  readonly flowMods: number
  /** Packets that were judged. */
  readonly packetIns: number
  /** Packets that went out as they would by their flow. */
  readonly sentOn: number
  /** Flows that packets asked for. */
  readonly installed: Tally<ReactiveKind>
  /** Refusals whose pair had no room among those of its port that the switch remembers. */
  readonly notRemembered: number
  /** Packets that were dropped unseen, as too many of their port waited. */
  readonly crowdedOut: number
  readonly answered: Tally<AnswerKind>
  readonly refused: Tally<Reason>
  readonly malformed: Tally<Problem>
  /** Packets that no flow of ours asked for. */
  readonly notOurs: number
}

export class Counters {
  passes = 0
  flowMods = 0
  packetIns = 0
  notRemembered = 0
  crowdedOut = 0
  #sentOn = 0
  #notOurs = 0
  readonly #installed = new Map<ReactiveKind, number>()
  readonly #answered = new Map<AnswerKind, number>()
  readonly #refused = new Map<Reason, number>()
  readonly #malformed = new Map<Problem, number>()

  judged(judgement: Judgement): void {
    this.packetIns++
    switch (judgement.verdict) {
      case 'connection':
      case 'sent-on':
        this.#sentOn++
        break
      case 'refused':
        count(this.#refused, judgement.reason)
        break
      case 'malformed':
        count(this.#malformed, judgement.problem)
        break
      case 'not-ours':
        this.#notOurs++
    }
  }

  answered(kind: AnswerKind): void {
    count(this.#answered, kind)
  }

  installed(kind: ReactiveKind): void {
    count(this.#installed, kind)
  }

  toJSON(): CounterValues {
    const { passes, flowMods, packetIns, notRemembered, crowdedOut } = this
    return {
      ...{ passes, flowMods, packetIns, sentOn: this.#sentOn },
      installed: tally(this.#installed),
      ...{ notRemembered, crowdedOut },
      answered: tally(this.#answered),
      refused: tally(this.#refused),
      malformed: tally(this.#malformed),
      notOurs: this.#notOurs,
    }
  }
}

function count<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function tally<K extends string>(counts: ReadonlyMap<K, number>): Tally<K> {
  return Object.fromEntries(counts) as Tally<K>
}
