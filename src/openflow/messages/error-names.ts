// Names of errors (OpenFlow 1.5.1, section 7.5.4, and those of the ONF's and Nicira's extensions), as ovs-ofctl prints them, which
// keeps some of the older names (BAD_VENDOR for BAD_EXPERIMENTER). A type or code without a name prints as numbers.
import { EXPERIMENTER_ERROR, type ErrorReport } from './error.js'

/** Names by code, each behind the prefix of its type. */
interface ErrorType {
  readonly prefix: string
  readonly codes: readonly string[]
}

const BUNDLE: ErrorType = {
  prefix: 'OFPBFC',
  // prettier-ignore
  codes: [
    'UNKNOWN', 'EPERM', 'BAD_ID', 'BUNDLE_EXIST', 'BUNDLE_CLOSED', 'OUT_OF_BUNDLES', 'BAD_TYPE', 'BAD_FLAGS',
    'MSG_BAD_LEN', 'MSG_BAD_XID', 'MSG_UNSUP', 'MSG_CONFLICT', 'MSG_TOO_MANY', 'MSG_FAILED', 'TIMEOUT',
    'BUNDLE_IN_PROGRESS', 'SCHED_NOT_SUPPORTED', 'SCHED_FUTURE', 'SCHED_PAST',
  ],
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
  7: { prefix: 'OFPPMFC', codes: ['BAD_PORT', 'BAD_HW_ADDR', 'BAD_CONFIG', 'BAD_ADVERTISE', 'EPERM'] },
  8: { prefix: 'OFPTMFC', codes: ['BAD_TABLE', 'BAD_CONFIG', 'EPERM'] },
  9: { prefix: 'OFPQOFC', codes: ['BAD_PORT', 'BAD_QUEUE', 'EPERM'] },
  10: { prefix: 'OFPSCFC', codes: ['BAD_FLAGS', 'BAD_LEN', 'EPERM'] },
  11: { prefix: 'OFPRRFC', codes: ['STALE', 'UNSUP', 'BAD_ROLE', 'ID_UNSUP', 'ID_IN_USE'] },
  12: { prefix: 'OFPMMFC', codes: [
    'UNKNOWN', 'METER_EXISTS', 'INVALID_METER', 'UNKNOWN_METER', 'BAD_COMMAND', 'BAD_FLAGS', 'BAD_RATE', 'BAD_BURST',
    'BAD_BAND', 'BAD_BAND_VALUE', 'OUT_OF_METERS', 'OUT_OF_BANDS' ] },
  13: { prefix: 'OFPTFFC', codes: [
    'BAD_TABLE', 'BAD_METADATA', '', '', '', 'EPERM', 'BAD_CAPA', 'BAD_MAX_ENT', 'BAD_FEATURES', 'BAD_COMMAND',
    'TOO_MANY' ] },
  14: { prefix: 'OFPBPC', codes: [
    'BAD_TYPE', 'BAD_LEN', 'BAD_VALUE', 'TOO_MANY', 'DUP_TYPE', 'BAD_EXPERIMENTER', 'BAD_EXP_TYPE', 'BAD_EXP_VALUE',
    'EPERM' ] },
  15: { prefix: 'OFPACFC', codes: ['INVALID', 'UNSUPPORTED', 'EPERM'] },
  16: { prefix: 'OFPMOFC', codes: [
    'UNKNOWN', 'MONITOR_EXISTS', 'INVALID_MONITOR', 'UNKNOWN_MONITOR', 'BAD_COMMAND', 'BAD_FLAGS', 'BAD_TABLE_ID',
    'BAD_OUT' ] },
  17: BUNDLE,
}

/** Errors that the ONF and Nicira number on their own: an experimenter, and names by code. */
const ONF = 0x4f4e4600
const NICIRA = 0x00002320

const ONF_BUNDLE = 2300

/** Errors that 1.3 has from the ONF's extensions. */
const ONF_NAMES: Readonly<Record<number, string>> = {
  ...Object.fromEntries(
    BUNDLE.codes.slice(0, 16).map((name, i) => [ONF_BUNDLE + i, `${BUNDLE.prefix}_${name}`]),
  ),
  2360: 'OFPFMFC_BAD_PRIORITY',
  2370: 'OFPACFC_INVALID',
  2371: 'OFPACFC_UNSUPPORTED',
  2372: 'OFPACFC_EPERM',
  2600: 'OFPBIC_DUP_INST',
  2640: 'OFPBRC_MULTIPART_REQUEST_TIMEOUT',
  2641: 'OFPBRC_MULTIPART_REPLY_TIMEOUT',
  4250: 'OFPBAC_BAD_SET_MASK',
  4443: 'OFPBPC_TOO_MANY',
  4444: 'OFPBPC_DUP_TYPE',
  4445: 'OFPBPC_BAD_EXPERIMENTER',
  4446: 'OFPBPC_BAD_EXP_TYPE',
  4447: 'OFPBPC_BAD_EXP_VALUE',
  4448: 'OFPBPC_EPERM',
}

const NICIRA_NAMES: Readonly<Record<number, string>> = {
  2: 'NXBRC_NXM_INVALID',
  3: 'NXBRC_NXM_BAD_TYPE',
  4: 'NXBRC_MUST_BE_ZERO',
  5: 'NXBRC_BAD_REASON',
  6: 'OFPMOFC_MONITOR_EXISTS',
  7: 'OFPMOFC_BAD_FLAGS',
  8: 'OFPMOFC_UNKNOWN_MONITOR',
  9: 'NXBRC_FM_BAD_EVENT',
  10: 'NXBRC_UNENCODABLE_ERROR',
  11: 'NXBAC_MUST_BE_ZERO',
  12: 'NXFMFC_HARDWARE',
  13: 'NXFMFC_BAD_TABLE_ID',
  15: 'NXBAC_BAD_CONJUNCTION',
  16: 'NXTTMFC_BAD_COMMAND',
  17: 'NXTTMFC_BAD_OPT_LEN',
  18: 'NXTTMFC_BAD_FIELD_IDX',
  19: 'NXTTMFC_TABLE_FULL',
  20: 'NXTTMFC_ALREADY_MAPPED',
  21: 'NXTTMFC_DUP_ENTRY',
  22: 'OFPBFC_BAD_VERSION',
  23: 'NXQOFC_QUEUE_ERROR',
  34: 'NXR_NOT_SUPPORTED',
  35: 'NXR_STALE',
  36: 'NXST_NOT_CONFIGURED',
  37: 'NXFMFC_INVALID_TLV_FIELD',
  38: 'NXTTMFC_INVALID_TLV_DEL',
  39: 'NXBAC_BAD_HEADER_TYPE',
  40: 'NXBAC_UNKNOWN_ED_PROP',
  41: 'NXBAC_BAD_ED_PROP',
  42: 'NXBAC_CT_DATAPATH_SUPPORT',
  43: 'NXBMC_CT_DATAPATH_SUPPORT',
  44: 'NXTFFC_DUP_TABLE',
}

/** Errors as Nicira numbered them for OpenFlow 1.0, type and code in one; Open vSwitch falls back to them for what a version cannot say. */
const EXTENDED_NAMES: Readonly<Record<number, string>> = {
  0x00000107: 'OFPBMC_BAD_FIELD',
  0x00010100: 'NXBRC_NXM_INVALID',
  0x00010101: 'NXBRC_NXM_BAD_TYPE',
  0x00010102: 'OFPBMC_BAD_VALUE',
  0x00010103: 'OFPBMC_BAD_MASK',
  0x00010104: 'OFPBMC_BAD_PREREQ',
  0x00010105: 'OFPBMC_DUP_FIELD',
  0x00010106: 'OFPBMC_BAD_WILDCARDS',
  0x00010108: 'NXBMC_CT_DATAPATH_SUPPORT',
  0x00010109: 'NXBAC_CT_DATAPATH_SUPPORT',
  0x00010200: 'OFPBRC_BAD_TABLE_ID',
  0x00010201: 'OFPRRFC_BAD_ROLE',
  0x00010202: 'OFPBRC_BAD_PORT',
  0x00010203: 'NXBRC_MUST_BE_ZERO',
  0x00010204: 'NXBRC_BAD_REASON',
  0x00010205: 'OFPMOFC_MONITOR_EXISTS',
  0x00010206: 'OFPMOFC_BAD_FLAGS',
  0x00010207: 'OFPMOFC_UNKNOWN_MONITOR',
  0x00010208: 'NXBRC_FM_BAD_EVENT',
  0x00010209: 'NXBRC_UNENCODABLE_ERROR',
  0x0001020a: 'OFPBAC_MATCH_INCONSISTENT',
  0x0001020b: 'OFPBAC_BAD_SET_TYPE',
  0x0001020c: 'OFPBAC_BAD_SET_LEN',
  0x0001020d: 'OFPBAC_BAD_SET_ARGUMENT',
  0x0001020f: 'NXTTMFC_BAD_COMMAND',
  0x00010210: 'NXTTMFC_BAD_OPT_LEN',
  0x00010211: 'NXTTMFC_BAD_FIELD_IDX',
  0x00010212: 'NXTTMFC_TABLE_FULL',
  0x00010213: 'NXTTMFC_ALREADY_MAPPED',
  0x00010214: 'NXTTMFC_DUP_ENTRY',
  0x00010215: 'NXR_NOT_SUPPORTED',
  0x00010216: 'NXR_STALE',
  0x00010217: 'NXST_NOT_CONFIGURED',
  0x00010218: 'NXFMFC_INVALID_TLV_FIELD',
  0x00010219: 'NXTTMFC_INVALID_TLV_DEL',
  0x00020009: 'OFPBAC_BAD_OUT_GROUP',
  0x00020100: 'NXBAC_MUST_BE_ZERO',
  0x00020101: 'OFPBIC_UNSUP_INST',
  0x0002020e: 'NXBAC_BAD_CONJUNCTION',
  0x00030102: 'OFPFMFC_BAD_FLAGS',
  0x00050100: 'NXFMFC_HARDWARE',
  0x00050101: 'NXFMFC_BAD_TABLE_ID',
  0x00060000: 'OFPGMFC_GROUP_EXISTS',
  0x00060001: 'OFPGMFC_INVALID_GROUP',
  0x00060002: 'OFPGMFC_WEIGHT_UNSUPPORTED',
  0x00060003: 'OFPGMFC_OUT_OF_GROUPS',
  0x00060004: 'OFPGMFC_OUT_OF_BUCKETS',
  0x00060005: 'OFPGMFC_CHAINING_UNSUPPORTED',
  0x00060006: 'OFPGMFC_WATCH_UNSUPPORTED',
  0x00060007: 'OFPGMFC_LOOP',
  0x00060008: 'OFPGMFC_UNKNOWN_GROUP',
  0x00060009: 'OFPGMFC_CHAINED_GROUP',
  0x0006000a: 'OFPGMFC_BAD_TYPE',
  0x0006000b: 'OFPGMFC_BAD_COMMAND',
  0x0006000c: 'OFPGMFC_BAD_BUCKET',
  0x0006000d: 'OFPGMFC_BAD_WATCH',
  0x0006000e: 'OFPGMFC_EPERM',
  0x0006000f: 'OFPGMFC_UNKNOWN_BUCKET',
  0x00060010: 'OFPGMFC_BUCKET_EXISTS',
  0x000d0002: 'OFPBPC_BAD_TYPE',
  0x000d0003: 'OFPBPC_BAD_LEN',
  0x000d0004: 'OFPBPC_BAD_VALUE',
  0x000e0003: 'OFPBPC_TOO_MANY',
  0x000e0004: 'OFPBPC_DUP_TYPE',
  0x000e0005: 'OFPBPC_BAD_EXPERIMENTER',
  0x000e0006: 'OFPBPC_BAD_EXP_TYPE',
  0x000e0007: 'OFPBPC_BAD_EXP_VALUE',
  0x000e0008: 'OFPBPC_EPERM',
}

/** The type of an error of OpenFlow 1.0 whose experimenter, type and code stand in its data. */
const EXTENDED_ERROR = 0xb0c2

/** `OFPBMC_BAD_PREREQ`, or `error type 12 code 1`. */
export function renderErrorName(error: Omit<ErrorReport, 'data'> & { readonly data?: Buffer }): string {
  return nameOf(error) ?? `error type ${error.errorType} code ${error.errorCode}`
}

function nameOf(error: Omit<ErrorReport, 'data'> & { readonly data?: Buffer }): string | undefined {
  const { errorType, errorCode, experimenter, data } = error
  if (errorType === EXPERIMENTER_ERROR) return namesBy(experimenter)[errorCode]
  if (errorType === EXTENDED_ERROR) return data && extendedName(data)
  const type = TYPES[errorType]
  const code = type?.codes[errorCode]
  return type && code ? `${type.prefix}_${code}` : undefined
}

function namesBy(experimenter: number | undefined): Readonly<Record<number, string>> {
  if (experimenter === ONF) return ONF_NAMES
  return experimenter === NICIRA ? NICIRA_NAMES : {}
}

const EXTENDED_BYTES = 8

function extendedName(data: Buffer): string | undefined {
  if (data.length < EXTENDED_BYTES || data.readUInt32BE(0) !== NICIRA) return undefined
  return EXTENDED_NAMES[data.readUInt32BE(4)]
}
