import { describe, expect, test } from '@jest/globals'
import {
  FIELDS,
  fieldNamed,
  findField,
  findFieldByActionName,
  findFieldByMoveName,
} from '../../../../src/openflow/fields/fields.js'
import { fieldHeader, type MatchField, nxmHeader, oxmMatch } from '../../../../src/openflow/fields/match.js'
import { ROWS } from '../../../../src/openflow/fields/rows.js'
import { OPENFLOW_13, OPENFLOW_15, VERSIONS, type Version } from '../../../../src/openflow/version.js'
import { Reader } from '../../../../src/openflow/wire/reader.js'
import { Writer } from '../../../../src/openflow/wire/writer.js'
import { type Hex, zeroHex } from '../../../../src/values/hex.js'

function bytesOf(match: readonly MatchField[], version: Version): string {
  const writer = new Writer()
  oxmMatch.write(writer, match, version)
  return writer.finish().toString('hex')
}

function matchOf(hex: string, version: Version): readonly MatchField[] {
  return oxmMatch.read(new Reader(Buffer.from(hex, 'hex')), version)
}

describe('the table of fields', () => {
  test('has each name and each header once', () => {
    const headers = ROWS.flatMap(([, , , list]) => list.map(({ name }) => name))
    const codes = ROWS.flatMap(([, , , list]) =>
      list.map((of) => `${of.experimenter ?? ''}/${of.oxmClass}/${of.code}`),
    )
    for (const names of [FIELDS.map(({ name }) => name), headers, codes]) {
      expect(new Set(names).size).toBe(names.length)
    }
  })

  test('has masks as wide as the values', () => {
    for (const { full, bytes } of FIELDS) expect(full).toHaveLength(bytes * 2)
  })

  test('brings every field back from its own bytes, in every version', () => {
    for (const version of VERSIONS) {
      for (const { name, bytes, full } of FIELDS) {
        const fields = [
          { field: name, value: zeroHex(bytes) },
          { field: name, value: full, mask: full },
        ]
        for (const field of fields) expect(matchOf(bytesOf([field], version), version)).toEqual([field])
      }
    }
  })

  test('brings every header back, whichever version it belongs to', () => {
    for (const header of ROWS.flatMap(([, , , list]) => list)) {
      for (const version of VERSIONS) {
        const { name, bytes } = fieldNamed(header.name)
        const hex = bytesOf([{ field: name, value: zeroHex(bytes) }], version)
        expect(bytesOf(matchOf(hex, version), version)).toBe(hex)
        expect(fieldNamed(matchOf(hex, version)[0]?.field ?? '').canonical).toBe(fieldNamed(name).canonical)
      }
    }
  })
})

describe('a header', () => {
  test('differs between versions where OpenFlow 1.5 has a code of its own', () => {
    const flags = { field: 'tcp_flags', value: '0002' as Hex }
    expect(bytesOf([flags], OPENFLOW_15)).toContain('800054020002')
    expect(bytesOf([flags], OPENFLOW_13)).toContain('ffff54064f4e46000002')
  })

  test('that a version does not prefer has a name of its own', () => {
    expect(matchOf('000100' + '0a' + '00000602' + '0800' + '000000000000', OPENFLOW_15)).toEqual([
      { field: 'NXM_OF_ETH_TYPE', value: '0800' },
    ])
  })

  test('without a row keeps its numbers', () => {
    const [field] = matchOf('0001000e' + 'ffff' + '0606' + '12345678' + '0001' + '0000', OPENFLOW_15)
    expect(field).toEqual({ field: 'oxm_ffff_3_2_12345678', value: '0001' })
    expect(findField('oxm_ffff_3_2_12345678')).toMatchObject({ bytes: 2 })
  })

  test.each([
    ['fieldHeader', fieldHeader, '00015004'],
    ['fieldHeader', fieldHeader, 'ffff16080000' + '2320'],
    ['nxmHeader', nxmHeader, '00015004'],
    ['nxmHeader', nxmHeader, '80000806'],
    ['nxmHeader', nxmHeader, '00000406'],
  ])('alone comes back from %s', (_, layout, hex) => {
    const name = layout.read(new Reader(Buffer.from(hex, 'hex')), OPENFLOW_15)
    const writer = new Writer()
    layout.write(writer, name, OPENFLOW_15)
    expect(writer.finish().toString('hex')).toBe(hex)
  })

  test.each(['ffff0602' + '0001', '00010703' + '000000', '0001'])(
    'that is cut short or odd is malformed: %s',
    (hex) => {
      const length = (4 + hex.length / 2).toString(16).padStart(4, '0')
      const bytes = '0001' + length + hex.padEnd(24, '0')
      expect(() => matchOf(bytes, OPENFLOW_15)).toThrow(
        expect.objectContaining({ code: 'OPENFLOW_MALFORMED' }),
      )
    },
  )
})

describe('the name of a field', () => {
  test.each([
    ['eth_src', 'eth_src'],
    ['dl_src', 'eth_src'],
    ['nw_src', 'ip_src'],
    ['ip_proto', 'nw_proto'],
    ['in_port', 'nxm_in_port'],
    ['in_port_oxm', 'in_port'],
    ['nw_tos', 'nw_tos'],
    ['tunnel_id', 'tun_id'],
  ])('%s in an action is %s', (text, name) => {
    expect(findFieldByActionName(text)?.name).toBe(name)
  })

  test.each([
    ['NXM_OF_ETH_SRC', 'eth_src'],
    ['OXM_OF_ETH_SRC', 'eth_src'],
    ['NXM_OF_IN_PORT', 'nxm_in_port'],
    ['OXM_OF_PKT_REG3', 'xreg3'],
    ['reg0', 'reg0'],
  ])('%s in a move is %s', (text, name) => {
    expect(findFieldByMoveName(text)?.name).toBe(name)
  })
})
