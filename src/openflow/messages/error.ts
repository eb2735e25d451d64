// Errors (OpenFlow 1.5.1, section 7.5.4).
import type { Layout } from '../wire/layout.js'
import { rest } from '../wire/layout.js'

export interface ErrorReport {
  readonly errorType: number
  readonly errorCode: number
  /** Whose error it is, when its type is 0xffff. */
  readonly experimenter?: number
  /** At least the first 64 bytes of the message at fault, or a text for a hello. */
  readonly data: Buffer
}

/** The type of an error that only its experimenter can number. */
export const EXPERIMENTER_ERROR = 0xffff

export const errorReport: Layout<ErrorReport> = {
  read(reader, version) {
    const errorType = reader.u16()
    const errorCode = reader.u16()
    if (errorType !== EXPERIMENTER_ERROR) return { errorType, errorCode, data: rest.read(reader, version) }
    const experimenter = reader.u32()
    return { errorType, errorCode, experimenter, data: rest.read(reader, version) }
  },
  write(writer, { errorType, errorCode, experimenter, data }) {
    writer.u16(errorType)
    writer.u16(errorCode)
    if (errorType === EXPERIMENTER_ERROR) writer.u32(experimenter ?? 0)
    writer.bytes(data)
  },
}
