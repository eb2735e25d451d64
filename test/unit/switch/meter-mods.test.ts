import { expect, test } from '@jest/globals'
import type { Meter } from '../../../src/openflow/messages/meter.js'
import { meterModOf } from '../../../src/switch/meter-mods.js'

const METER: Meter = { meterId: 11, meterFlags: 6, bands: [{ type: 'drop', rate: 200, burstSize: 300 }] }
const desired = { meter: METER, owner: undefined }

test('a meter-mod has all of the meter, and to delete it the number alone', () => {
  const whole = { type: 'meter_mod', flags: 6, meterId: 11, bands: METER.bands }
  expect(meterModOf({ kind: 'add', desired })).toEqual({ ...whole, command: 0 })
  expect(meterModOf({ kind: 'modify', desired, installed: METER })).toEqual({ ...whole, command: 1 })
  expect(meterModOf({ kind: 'delete', installed: METER })).toMatchObject({
    command: 2,
    meterId: 11,
    bands: [],
  })
})
