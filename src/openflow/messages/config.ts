// What a switch is and how it is set (OpenFlow 1.5.1, sections 7.3.1 and 7.3.2).
import { pad, struct, u16, u32, u64, u8 } from '../wire/layout.js'

export const featuresReply = struct({
  datapathId: u64,
  bufferCount: u32,
  tableCount: u8,
  auxiliaryId: u8,
  _: pad(2),
  capabilities: u32,
  reserved: u32,
})

/** `missSendLen`: bytes of a packet that a packet-in holds. Open vSwitch sends none to its management socket while it is 0. */
export const switchConfig = struct({ flags: u16, missSendLen: u16 })
