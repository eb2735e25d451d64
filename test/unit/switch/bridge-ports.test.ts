import { describe, expect, test } from '@jest/globals'
import type { OpenFlowConnection } from '../../../src/openflow/connection.js'
import type { MessageOf } from '../../../src/openflow/messages/messages.js'
import type { Port } from '../../../src/openflow/messages/port.js'
import { PORT_REASON } from '../../../src/openflow/messages/port.js'
import { BridgePorts } from '../../../src/switch/bridge-ports.js'

function port(portNo: number, name: string): Port {
  return { portNo, name, hwAddr: '000000000000' as Port['hwAddr'], config: 0, state: 0, properties: [] }
}

function status(reason: keyof typeof PORT_REASON, portNo: number, name: string): MessageOf<'port_status'> {
  return { type: 'port_status', reason: PORT_REASON[reason], port: port(portNo, name) }
}

/** A connection whose switch has these ports, and says some more before its answer is taken. */
function switchWith(ports: readonly Port[], meanwhile: () => void = () => undefined) {
  const multipart = () => {
    meanwhile()
    return Promise.resolve([{ type: 'port_desc_reply', flags: 0, ports }])
  }
  return { multipart } as unknown as OpenFlowConnection
}

async function portsOf(...ports: readonly (readonly [number, string])[]): Promise<BridgePorts> {
  const numbers = new BridgePorts()
  await numbers.read(switchWith(ports.map(([number, name]) => port(number, name))))
  return numbers
}

describe('the number of an interface', () => {
  test('is that of OpenFlow, whatever OVSDB says', async () => {
    const numbers = await portsOf([1, 'tap-a'], [2, 'tap-b'])
    expect(numbers.numberOf('tap-a', 2)).toBe(1)
    expect(numbers.numberOf('tap-b', undefined)).toBe(2)
    expect(numbers.numberOf('tap-c', 3)).toBeUndefined()
  })

  test('whose name OpenFlow cuts off is that of OVSDB, where OpenFlow has it by the beginning of the name', async () => {
    const numbers = await portsOf([1, 'patch-very-long'], [2, 'patch-very-long'], [3, 'tap-c'])
    expect(numbers.numberOf('patch-very-long-a', 1)).toBe(1)
    expect(numbers.numberOf('patch-very-long-b', 2)).toBe(2)
    expect(numbers.numberOf('patch-very-long-c', 3)).toBeUndefined()
    expect(numbers.numberOf('patch-very-long', undefined)).toBeUndefined()
  })
})

describe('news of a port', () => {
  test('is a new one, one that went and one that came back; not the state of its link', async () => {
    const numbers = await portsOf([1, 'tap-a'])
    expect(numbers.receive(status('modify', 1, 'tap-a'))).toBeUndefined()
    expect(numbers.receive(status('add', 2, 'tap-b'))).toEqual({ takenOver: false, ofport: 2 })
    expect(numbers.receive(status('delete', 1, 'tap-a'))).toEqual({ takenOver: false, ofport: 1 })
    expect(numbers.numberOf('tap-a', 1)).toBeUndefined()
    expect(numbers.receive(status('delete', 1, 'tap-a'))).toBeUndefined()
    expect(numbers.receive(status('add', 1, 'tap-a'))).toEqual({ takenOver: false, ofport: 1 })
    expect(numbers.receive({ type: 'barrier_reply' })).toBeUndefined()
  })

  test('says when another one has the number now, also some time after it was given back', async () => {
    const numbers = await portsOf([1, 'tap-a'], [2, 'tap-b'])
    numbers.receive(status('delete', 1, 'tap-a'))
    expect(numbers.receive(status('add', 1, 'tap-c'))).toEqual({ takenOver: true, ofport: 1 })
    expect(numbers.receive(status('modify', 2, 'tap-d'))).toEqual({ takenOver: true, ofport: 2 })
    expect(numbers.numberOf('tap-b', 2)).toBeUndefined()
  })

  test('of two that swapped leaves each with its own, in whatever order it comes', async () => {
    const numbers = await portsOf([1, 'tap-a'], [2, 'tap-b'])
    for (const news of [
      status('delete', 1, 'tap-a'),
      status('add', 1, 'tap-b'),
      status('delete', 2, 'tap-b'),
      status('add', 2, 'tap-a'),
    ]) {
      numbers.receive(news)
    }
    expect([numbers.numberOf('tap-a', 1), numbers.numberOf('tap-b', 2)]).toEqual([2, 1])
  })

  test('that comes while the ports are asked for counts, whether the answer has it or not', async () => {
    const numbers = new BridgePorts()
    const early = switchWith([port(1, 'tap-a'), port(2, 'tap-b')], () => {
      numbers.receive(status('add', 2, 'tap-b'))
      numbers.receive(status('delete', 1, 'tap-a'))
    })
    await numbers.read(early)
    expect([numbers.numberOf('tap-a', 1), numbers.numberOf('tap-b', 2)]).toEqual([undefined, 2])
  })
})
