// Packets that came to the controller, into a capture file with what became of each.
import type { PacketIn } from '../openflow/messages/packet.js'
import { CaptureFile, type CaptureOptions } from '../pcapng/capture-file.js'
import { segmentationIdOf } from '../pipeline/registers.js'
import { type Hex, numberFromHex } from '../values/hex.js'

export interface PacketRecorder {
  /** @param time milliseconds since 1970 */
  readonly record: (packet: PacketIn, verdict: string, time: number) => void
  readonly close: () => Promise<void>
}

/** @throws ReconcileError OUTPUT_UNWRITABLE */
export async function openRecorder(
  options: Pick<CaptureOptions, 'path' | 'onFailure'>,
  bridge: string,
): Promise<PacketRecorder> {
  const file = await CaptureFile.create({
    ...options,
    application: 'reconcile --watch',
    interfaceName: bridge,
    interfaceDescription: 'packets that the bridge sent to its controller',
  })
  return {
    record: (packet, verdict, time) => {
      const { data, totalLength } = packet
      file.add({ time, data, originalLength: totalLength, comment: commentOn(packet, verdict) })
    },
    close: () => file.close(),
  }
}

/** `refused: unknown-host; in_port=11 network=8002 table=56` */
function commentOn({ match, tableId }: PacketIn, verdict: string): string {
  const number = (name: string, read: (value: Hex) => number): number => {
    const value = match.find(({ field }) => field === name)?.value
    return value === undefined ? 0 : read(value) // the switch leaves out what is zero
  }
  const inPort = number('in_port', numberFromHex)
  return `${verdict}; in_port=${inPort} network=${number('metadata', segmentationIdOf)} table=${tableId}`
}
