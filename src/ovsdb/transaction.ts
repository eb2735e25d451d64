// Operations of a transaction (RFC 7047, section 5.2) and the check of what the server answers to them.
import { malformed, refused } from './failures.js'
import { isRecord } from './json-rpc.js'
import type { WireValue } from './values.js'

/** The database of the switch (ovs-vswitchd.conf.db(5)). */
export const DATABASE = 'Open_vSwitch'

export type WireRow = Readonly<Record<string, WireValue>>
export type Condition = readonly [
  column: string,
  relation: '==' | '!=' | 'includes' | 'excludes',
  value: WireValue,
]
export type Mutation = readonly [column: string, mutator: '+=' | '-=' | 'insert' | 'delete', value: WireValue]

type Where = readonly Condition[]

/** A `uuid-name` is how other operations of one transaction refer to the row being inserted. */
export type Operation =
  | { readonly op: 'insert'; readonly table: string; readonly row: WireRow; readonly 'uuid-name'?: string }
  | {
      readonly op: 'select'
      readonly table: string
      readonly where: Where
      readonly columns?: readonly string[]
    }
  | { readonly op: 'update'; readonly table: string; readonly where: Where; readonly row: WireRow }
  | {
      readonly op: 'mutate'
      readonly table: string
      readonly where: Where
      readonly mutations: readonly Mutation[]
    }
  | { readonly op: 'delete'; readonly table: string; readonly where: Where }
  | { readonly op: 'comment'; readonly comment: string }

/** What the server answers to one operation: `uuid` of an insert, `count` of a change, `rows` of a select. */
export type OperationResult = Readonly<Record<string, unknown>>

/**
 * The results of a transaction that was committed. Operations after a failed one have the result null; a commit that
 * fails (a constraint, a dangling reference) adds one error element after those of the operations.
 * @throws ReconcileError OVSDB_ERROR with the server's error and details, OVSDB_MALFORMED for another shape
 */
export function checkResults(operations: readonly Operation[], reply: unknown): readonly OperationResult[] {
  if (!Array.isArray(reply)) throw malformed('the reply to a transaction is not an array')
  const results: readonly unknown[] = reply
  const failed = results.findIndex((result) => isRecord(result) && 'error' in result)
  if (failed >= 0) throw refused(describeOperation(operations[failed]), results[failed])
  const answered = results.slice(0, operations.length).filter(isRecord)
  if (answered.length < operations.length) throw malformed('the reply to a transaction lacks results')
  return answered
}

function describeOperation(operation: Operation | undefined): string {
  if (!operation) return 'to commit a transaction'
  return operation.op === 'comment' ? 'a comment' : `"${operation.op}" on table ${operation.table}`
}
