// Which asynchronous messages a connection wants. The management socket sends none until it is asked
// (OpenFlow 1.5.1, section 7.3.10; 1.3.5, section 7.3.10: fixed masks, for primary and secondary).
import { OPENFLOW_14 } from '../version.js'
import { type Layout, since } from '../wire/layout.js'

/** Bit masks by reason; the same for every role but secondary, which gets nothing. */
export interface AsyncMasks {
  readonly packetIn: number
  readonly portStatus: number
  readonly flowRemoved: number
}

/** Property types of OpenFlow 1.4 and later: for the secondary and for any other role. */
const PROPERTY = { packetIn: 1, portStatus: 3, flowRemoved: 5 } as const

const fixedMasks: Layout<AsyncMasks> = {
  read(reader) {
    const [packetIn, , portStatus, , flowRemoved] = Array.from({ length: 6 }, () => reader.u32())
    return { packetIn: packetIn ?? 0, portStatus: portStatus ?? 0, flowRemoved: flowRemoved ?? 0 }
  },
  write(writer, { packetIn, portStatus, flowRemoved }) {
    for (const mask of [packetIn, 0, portStatus, 0, flowRemoved, 0]) writer.u32(mask)
  },
}

const maskProperties: Layout<AsyncMasks> = {
  read(reader) {
    const masks = new Map<number, number>()
    while (reader.remaining >= 8) {
      const type = reader.u16()
      const property = reader.window(reader.u16() - 4)
      masks.set(type, property.u32())
    }
    const mask = (type: number) => masks.get(type) ?? 0
    return {
      packetIn: mask(PROPERTY.packetIn),
      portStatus: mask(PROPERTY.portStatus),
      flowRemoved: mask(PROPERTY.flowRemoved),
    }
  },
  write(writer, masks) {
    for (const name of ['packetIn', 'portStatus', 'flowRemoved'] as const) {
      writer.u16(PROPERTY[name])
      writer.u16(8)
      writer.u32(masks[name])
    }
  },
}

export const asyncConfig: Layout<AsyncMasks> = since(OPENFLOW_14, maskProperties, fixedMasks)
