// Ports: their description and a change of one (OpenFlow 1.5.1, sections 7.2.1, 7.3.5.7 and 7.4.3). The speeds that 1.3 has in
// fixed fields are a property from 1.4 on; the record has the property in both.
import { PORT } from '../ports.js'
import { OPENFLOW_14, OPENFLOW_15 } from '../version.js'
import { absent, type Infer, type Layout, list, pad, since, struct, u32, u8 } from '../wire/layout.js'
import { fixedProperties, properties } from '../wire/property.js'
import { hexOf, measuredAfter, text } from '../wire/sections.js'

/** Features as bit masks, speeds in kbit/s. */
const speeds = {
  curr: u32,
  advertised: u32,
  supported: u32,
  peer: u32,
  currSpeed: u32,
  maxSpeed: u32,
}

export const PORT_PROPERTIES = {
  ethernet: { code: 0, layout: struct({ _: pad(4), ...speeds }) },
} as const

const propertyList = properties(PORT_PROPERTIES)
type PortProperty = Infer<typeof propertyList>[number]

const NO_SPEEDS: PortProperty = {
  type: 'ethernet',
  curr: 0,
  advertised: 0,
  supported: 0,
  peer: 0,
  currSpeed: 0,
  maxSpeed: 0,
}

const head = struct({ portNo: u32 })
const address = { hwAddr: hexOf(6), _2: pad(2), name: text(16), config: u32, state: u32 }

const port14 = measuredAfter(
  { head, headBytes: 4 },
  struct({ _1: pad(2), ...address, properties: propertyList }),
)

const port13 = struct({
  portNo: u32,
  _1: pad(4),
  ...address,
  properties: fixedProperties<PortProperty>([{ layout: struct(speeds), absent: NO_SPEEDS }]),
})

export type Port = Infer<typeof port14>

const port: Layout<Port> = since<Port>(OPENFLOW_14, port14, port13)

export const PORT_REASON = { add: 0, delete: 1, modify: 2 } as const

export const portStatus = struct({ reason: u8, _: pad(7), port })

/** Before 1.5 all ports are asked for. */
export const portDescRequest = struct({
  portNo: since(OPENFLOW_15, u32, absent<number>(PORT.ANY, 0)),
  _: since(OPENFLOW_15, pad(4), pad(0)),
})

export const portDescReply = struct({ ports: list(port) })
