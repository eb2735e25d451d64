// The one error type of the program. Anything a user can cause is a ReconcileError; anything else is a bug.
import { ERROR_KINDS, type ErrorCode, type ExitCode } from './codes.js'

/** A place in a text file. Lines and columns count from 1. */
export interface SourcePosition {
  readonly file: string
  readonly line: number
  readonly column: number
  /** Length in characters of what is marked on that line; at least 1. */
  readonly length: number
}

/** Another place that belongs to the error, with a word on its part in it ("first defined here"). */
export interface RelatedPosition {
  readonly label: string
  readonly at: SourcePosition
}

export interface ErrorDetails {
  /** What to do about it: one imperative sentence. */
  readonly remedy?: string
  readonly at?: SourcePosition
  readonly related?: readonly RelatedPosition[]
  readonly cause?: unknown
}

export class ReconcileError extends Error {
  readonly code: ErrorCode
  readonly remedy: string | undefined
  readonly at: SourcePosition | undefined
  readonly related: readonly RelatedPosition[]

  /** @param message what is wrong: one sentence that names the object and the value */
  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'ReconcileError'
    this.code = code
    this.remedy = details.remedy
    this.at = details.at
    this.related = details.related ?? []
  }

  get exitCode(): ExitCode {
    return ERROR_KINDS[this.code].exit
  }

  get retriable(): boolean {
    return ERROR_KINDS[this.code].retriable
  }
}
