// Meters as text, in the words that `ovs-ofctl add-meter` reads.
import { METER_FLAG, type Meter } from '../messages/meter.js'

/** `meter=11,pktps,burst,band=type=drop,rate=200,burst_size=200` */
export function renderMeter({ meterId, meterFlags, bands }: Meter): string {
  const flags = Object.entries(METER_FLAG).flatMap(([name, bit]) => (meterFlags & bit ? [name] : []))
  const words = [`meter=${meterId}`, ...flags, ...bands.map((band) => renderBand(band, meterFlags))]
  return words.join(',')
}

/** A burst counts only where a flag of the meter says so. */
function renderBand(band: Meter['bands'][number], meterFlags: number): string {
  if (band.type === 'opaque') return `band=type=${band.code}`
  const burst = meterFlags & METER_FLAG.burst ? `,burst_size=${band.burstSize}` : ''
  const level = band.type === 'dscp_remark' ? `,prec_level=${band.precLevel}` : ''
  return `band=type=${band.type},rate=${band.rate}${burst}${level}`
}
