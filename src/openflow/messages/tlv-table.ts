// The table that gives tunnel options (Geneve) their match fields tun_metadata0 to 63: a Nicira extension.
import { list, pad, struct, u16, u32, u8 } from '../wire/layout.js'

export const TLV_COMMAND = { add: 0, delete: 1, clear: 2 } as const

const mappings = list(struct({ optionClass: u16, optionType: u8, optionLength: u8, index: u16, _: pad(2) }))

export const tlvTableMod = struct({ command: u16, _: pad(6), mappings })

/** Greatest sum of option lengths in bytes, greatest number of fields, and what is mapped now. */
export const tlvTableReply = struct({ maxOptionSpace: u32, maxFields: u16, _: pad(10), mappings })
