// Names of errors (OpenFlow 1.5.1, section 7.5.4), as ovs-ofctl prints them, which keeps some of the older names
// (BAD_VENDOR for BAD_EXPERIMENTER). A type or code without a name prints as a number.

interface ErrorType {
  readonly prefix: string
  /** Names by code. */
  readonly codes: readonly string[]
}

// prettier-ignore
const TYPES: Readonly<Record<number, ErrorType>> = {
  0: { prefix: 'OFPHFC', codes: ['INCOMPATIBLE', 'EPERM'] },
  1: { prefix: 'OFPBRC', codes: [
    'BAD_VERSION', 'BAD_TYPE', 'BAD_STAT', 'BAD_VENDOR', 'BAD_SUBTYPE', 'EPERM', 'BAD_LEN', 'BUFFER_EMPTY',
    'BUFFER_UNKNOWN', 'BAD_TABLE_ID', 'IS_SECONDARY', 'BAD_PORT', 'BAD_PACKET', 'MULTIPART_BUFFER_OVERFLOW',
    'MULTIPART_REQUEST_TIMEOUT', 'MULTIPART_REPLY_TIMEOUT', 'MULTIPART_BAD_SCHED', 'PIPELINE_FIELDS_ONLY', 'UNKNOWN' ] },
  2: { prefix: 'OFPBAC', codes: [
    'BAD_TYPE', 'BAD_LEN', 'BAD_VENDOR', 'BAD_VENDOR_TYPE', 'BAD_OUT_PORT', 'BAD_ARGUMENT', 'EPERM', 'TOO_MANY',
    'BAD_QUEUE', 'BAD_OUT_GROUP', 'MATCH_INCONSISTENT', 'UNSUPPORTED_ORDER', 'BAD_TAG', 'BAD_SET_TYPE', 'BAD_SET_LEN',
    'BAD_SET_ARGUMENT', 'BAD_SET_MASK', 'BAD_METER' ] },
  3: { prefix: 'OFPBIC', codes: [
    'UNKNOWN_INST', 'UNSUP_INST', 'BAD_TABLE_ID', 'UNSUP_METADATA', 'UNSUP_METADATA_MASK', 'BAD_EXPERIMENTER',
    'BAD_EXP_TYPE', 'BAD_LEN', 'EPERM', 'DUP_INST' ] },
  4: { prefix: 'OFPBMC', codes: [
    'BAD_TYPE', 'BAD_LEN', 'BAD_TAG', 'BAD_DL_ADDR_MASK', 'BAD_NW_ADDR_MASK', 'BAD_WILDCARDS', 'BAD_FIELD', 'BAD_VALUE',
    'BAD_MASK', 'BAD_PREREQ', 'DUP_FIELD', 'EPERM' ] },
  5: { prefix: 'OFPFMFC', codes: [
    'UNKNOWN', 'TABLE_FULL', 'BAD_TABLE_ID', 'OVERLAP', 'EPERM', 'BAD_TIMEOUT', 'BAD_COMMAND', 'BAD_FLAGS', 'CANT_SYNC',
    'BAD_PRIORITY', 'IS_SYNC' ] },
  6: { prefix: 'OFPGMFC', codes: [
    'GROUP_EXISTS', 'INVALID_GROUP', 'WEIGHT_UNSUPPORTED', 'OUT_OF_GROUPS', 'OUT_OF_BUCKETS', 'CHAINING_UNSUPPORTED',
    'WATCH_UNSUPPORTED', 'LOOP', 'UNKNOWN_GROUP', 'CHAINED_GROUP', 'BAD_TYPE', 'BAD_COMMAND', 'BAD_BUCKET', 'BAD_WATCH',
    'EPERM', 'UNKNOWN_BUCKET', 'BUCKET_EXISTS' ] },
  12: { prefix: 'OFPMMFC', codes: [
    'UNKNOWN', 'METER_EXISTS', 'INVALID_METER', 'UNKNOWN_METER', 'BAD_COMMAND', 'BAD_FLAGS', 'BAD_RATE', 'BAD_BURST',
    'BAD_BAND', 'BAD_BAND_VALUE', 'OUT_OF_METERS', 'OUT_OF_BANDS' ] },
  17: { prefix: 'OFPBFC', codes: [
    'UNKNOWN', 'EPERM', 'BAD_ID', 'BUNDLE_EXIST', 'BUNDLE_CLOSED', 'OUT_OF_BUNDLES', 'BAD_TYPE', 'BAD_FLAGS',
    'MSG_BAD_LEN', 'MSG_BAD_XID', 'MSG_UNSUP', 'MSG_CONFLICT', 'MSG_TOO_MANY', 'MSG_FAILED', 'TIMEOUT',
    'BUNDLE_IN_PROGRESS' ] },
}

/** `OFPBMC_BAD_PREREQ`, or `error type 12 code 1`. */
export function renderErrorName(errorType: number, errorCode: number): string {
  const type = TYPES[errorType]
  const code = type?.codes[errorCode]
  return type && code ? `${type.prefix}_${code}` : `error type ${errorType} code ${errorCode}`
}
