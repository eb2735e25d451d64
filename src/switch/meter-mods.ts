// Changes of meters as the messages that make them (OpenFlow 1.5.1, section 7.3.4.5).
import { METER_COMMAND, type Meter } from '../openflow/messages/meter.js'
import type { MessageOf } from '../openflow/messages/messages.js'
import type { MeterChange } from '../plan/meters.js'

export type MeterModMessage = MessageOf<'meter_mod'>

export function meterModOf(change: MeterChange): MeterModMessage {
  switch (change.kind) {
    case 'add':
    case 'modify':
      return meterMod(METER_COMMAND[change.kind], change.desired.meter)
    case 'delete':
      return meterMod(METER_COMMAND.delete, { ...change.installed, bands: [] })
  }
}

function meterMod(command: number, { meterId, meterFlags, bands }: Meter): MeterModMessage {
  return { type: 'meter_mod', command, flags: meterFlags, meterId, bands }
}
