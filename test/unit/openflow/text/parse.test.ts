import { describe, expect, test } from '@jest/globals'
import type { ReconcileError } from '../../../../src/errors/error.js'
import { type Flow, flowKey } from '../../../../src/openflow/flow.js'
import { flowParser, parseFlow } from '../../../../src/openflow/text/parse.js'
import { NO_NAMES, portNames } from '../../../../src/openflow/text/port-names.js'
import { renderFlow } from '../../../../src/openflow/text/print.js'
import { PORT, WHOLE_PACKET } from '../../../../src/openflow/ports.js'

const names = portNames([['tap-vm1', 11]])

function read(text: string): Flow {
  return parseFlow({ text, at: { file: 'flows.txt', line: 3, column: 1, length: text.length } }, { names })
}

function failure(text: string): ReconcileError {
  try {
    read(text)
  } catch (error) {
    return error as ReconcileError
  }
  throw new Error(`${text} was read`)
}

describe('a mistake in flow text is marked where it is:', () => {
  test.each([
    ['priority=5,ip', 'priority=5,ip'],
    ['priority=70000 actions=drop', '70000'],
    ['priority actions=drop', 'priority'],
    ['table=255 actions=drop', '255'],
    ['cookie=0x1/0xff actions=drop', '0x1/0xff'],
    ['ip,nw_dst=10.0.0.256 actions=drop', '10.0.0.256'],
    ['ip,nw_dst=10.0.0.0/33 actions=drop', '10.0.0.0/33'],
    ['ip,nw_dst=10.0.0.1/255.0.0.0/8 actions=drop', '10.0.0.1/255.0.0.0/8'],
    ['metadata=5/zz actions=drop', '5/zz'],
    ['in_port="tap-vm2" actions=drop', '"tap-vm2"'],
    ['in_port="tap-vm1 actions=drop', '"tap-vm1'],
    ['dl_vlan=4096 actions=drop', '4096'],
    ['dl_vlan=5,dl_vlan_pcp=8 actions=drop', '8'],
    ['vlan_tci=0x1005/zz actions=drop', '0x1005/zz'],
    ['vlan_tci=0x7005/0x30ff actions=drop', '0x7005/0x30ff'],
    ['vlan_tci=0x6000/0xf000 actions=drop', '0x6000/0xf000'],
    ['ip,nw_tos=3 actions=drop', '3'],
    ['ip,nw_tos=256 actions=drop', '256'],
    ['priority=5,colour=red actions=drop', 'colour'],
    ['toString actions=drop', 'toString'],
    ['__proto__=1 actions=drop', '__proto__'],
    ['send_flow_rem=1 actions=drop', 'send_flow_rem'],
    ['priority=5( actions=drop', '5('],
    ['actions=fly', 'fly'],
    ['actions=drop,output:1', 'drop'],
    ['actions=output:tap-vm9', 'tap-vm9'],
    ['actions=dec_ttl:3', 'dec_ttl:3'],
    ['actions=pop_vlan:3', 'pop_vlan:3'],
    ['actions=clear_actions:3', 'clear_actions:3'],
    ['actions=output:11,set_field:5->colour', 'colour'],
    ['actions=set_field:1.2.3->ip_dst', '1.2.3'],
    ['actions=set_field:1->reg0->reg1', 'reg0->reg1'],
    ['actions=set_field:1', '1'],
    ['actions=set_field', 'set_field'],
    ['actions=set_field:64->ip_dscp', '64'],
    ['actions=move:NXM_NX_REG0[0..40]->NXM_NX_REG1[]', 'NXM_NX_REG0[0..40]'],
    ['actions=move:NXM_NX_REG0[0..3]->NXM_NX_REG1[]', 'NXM_NX_REG0[0..3]->NXM_NX_REG1[]'],
    ['actions=move:NXM_NX_REG0[]->colour[]', 'colour[]'],
    ['actions=goto_table:255', '255'],
    ['actions=CONTROLLER:65536', '65536'],
    ['actions=write_metadata:1/zz', '1/zz'],
    ['actions=write_actions(output:1,fly)', 'fly'],
    ['actions=write_actions(output:1', 'write_actions(output:1'],
  ])('%s', (text, marked) => {
    const { code, at, remedy } = failure(text)
    expect(code).toBe('INVALID_DUMP')
    expect(at).toEqual({
      file: 'flows.txt',
      line: 3,
      column: text.indexOf(marked) + 1,
      length: marked.length,
    })
    expect(remedy).toContain('ovs-ofctl')
  })

  test('a value that is missing is marked behind its name', () => {
    expect(failure('priority= actions=drop').at).toMatchObject({ column: 10, length: 1 })
  })
})

describe('flow text', () => {
  test('without a priority means the default one, and is written without it', () => {
    expect(read('table=5 actions=drop').priority).toBe(32768)
    expect(renderFlow(read('table=5,priority=32768 actions=drop'), NO_NAMES)).toBe('table=5, actions=drop')
    expect(renderFlow(read('actions=drop'), NO_NAMES)).toBe('actions=drop')
    expect(renderFlow(read('cookie=1,send_flow_rem actions=drop'), NO_NAMES)).toBe(
      'cookie=0x1, send_flow_rem actions=drop',
    )
  })

  test('with statistics is the same flow as without', () => {
    const text =
      'cookie=0x1, duration=7.5s, table=5, n_packets=3, n_bytes=200, idle_age=4, priority=5,ip actions=drop'
    expect(read(text)).toEqual(read('cookie=0x1, table=5, priority=5,ip actions=drop'))
  })

  test('takes the last of two values of a field, as ovs-ofctl does', () => {
    expect(flowKey(read('in_port=1,in_port=2 actions=drop'))).toBe(flowKey(read('in_port=2 actions=drop')))
    expect(flowKey(read('ip,nw_proto=6,tcp actions=drop'))).toBe(flowKey(read('tcp actions=drop')))
  })

  test.each([
    ['tcp', 'tp_src', 'tcp_src'],
    ['udp', 'tp_src', 'udp_src'],
    ['sctp', 'tp_src', 'sctp_src'],
    ['udp6', 'tp_dst', 'udp_dst'],
    ['icmp', 'icmp_type', 'icmp_type'],
    ['icmp6', 'icmp_type', 'icmpv6_type'],
    ['ip', 'nw_proto', 'nw_proto'],
    ['arp', 'nw_proto', 'arp_op'],
    ['rarp', 'nw_proto', 'arp_op'],
  ])('%s,%s is a match on %s', (protocol, word, field) => {
    expect(read(`${protocol},${word}=7 actions=drop`).match.at(-1)).toMatchObject({ field })
  })

  test.each([
    ['dl_vlan=5', [{ field: 'vlan_vid', value: '1005' }]],
    [
      'dl_vlan=5,dl_vlan_pcp=3',
      [
        { field: 'vlan_vid', value: '1005' },
        { field: 'vlan_pcp', value: '03' },
      ],
    ],
    [
      'dl_vlan_pcp=3',
      [
        { field: 'vlan_vid', value: '1000', mask: '1000' },
        { field: 'vlan_pcp', value: '03' },
      ],
    ],
    ['vlan_tci=0x0000/0x1fff', [{ field: 'vlan_vid', value: '0000' }]],
    ['vlan_tci=0x1000/0x1000', [{ field: 'vlan_vid', value: '1000', mask: '1000' }]],
    [
      'vlan_tci=0x5064/0xf0ff',
      [
        { field: 'vlan_vid', value: '1064', mask: '10ff' },
        { field: 'vlan_pcp', value: '02' },
      ],
    ],
  ])('%s is a match on the tag, and is written the same way', (text, match) => {
    const flow = read(`${text} actions=drop`)
    expect(flow.match).toEqual(match)
    expect(renderFlow(flow, NO_NAMES)).toBe(`${text} actions=drop`)
  })

  test.each(['CONTROLLER', 'controller', 'output:CONTROLLER', 'CONTROLLER:65535'])(
    '%s sends the whole packet',
    (text) => {
      const [instruction] = read(`actions=${text}`).instructions
      expect(instruction).toEqual({
        type: 'apply_actions',
        actions: [{ type: 'output', port: PORT.CONTROLLER, maxLen: WHOLE_PACKET }],
      })
    },
  )

  test('skips the actions of flows that nobody asks for', () => {
    const line = { text: 'cookie=0x7 actions=resubmit(,3)', at: { file: 'f', line: 1, column: 1, length: 1 } }
    expect(parseFlow(line, { names, readActions: (cookie) => !cookie.endsWith('7') }).instructions).toEqual(
      [],
    )
  })

  test('names ports where names are known', () => {
    const flow = read('in_port="tap-vm1" actions=output:"tap-vm1"')
    expect(renderFlow(flow, NO_NAMES)).toBe('in_port=11 actions=output:11')
    expect(renderFlow(flow, names)).toBe('in_port="tap-vm1" actions=output:"tap-vm1"')
  })
})

describe('one parser for many lines', () => {
  const line = (text: string, column = 1) => ({ text, at: { file: 'f', line: 3, column, length: 1 } })

  function outcome(parse: (text: string) => Flow, text: string): unknown {
    try {
      return parse(text)
    } catch (error) {
      const { code, message, at } = error as ReconcileError
      return { code, message, at }
    }
  }

  // Each says in two or more lines the same words beside others that change their meaning, or make them wrong.
  // prettier-ignore
  const LINES = [
    ...['tcp', 'udp', 'sctp', 'ip', 'tcp6', 'arp', 'ip,nw_proto=17', 'nw_proto=132', 'udp,nw_proto=6'].flatMap((protocol) => [
      `${protocol},tp_src=7 actions=mod_tp_src:8`, `tp_src=7,${protocol} actions=mod_tp_src:8,output:1`,
    ]),
    'tp_src=7 actions=mod_tp_src:8',
    'ip,nw_src=10.0.0.1,nw_proto=1 actions=drop', 'arp,nw_src=10.0.0.1,nw_proto=1 actions=drop', 'rarp,nw_src=10.0.0.1,nw_proto=1 actions=drop',
    'icmp,icmp_type=8 actions=drop', 'icmp6,icmp_type=8 actions=drop', 'icmp_type=8 actions=drop',
    'dl_vlan=5 actions=mod_vlan_vid:6,output:1', 'actions=mod_vlan_vid:6,output:1', 'vlan_tci=0/0x1fff actions=mod_vlan_vid:6,output:1',
    'dl_vlan=5 actions=pop_vlan,mod_vlan_vid:6', 'actions=pop_vlan,mod_vlan_vid:6',
    'dl_vlan_pcp=3 actions=drop', 'dl_vlan=5,dl_vlan_pcp=3 actions=drop', 'dl_vlan_pcp=3,dl_vlan=5 actions=drop',
    'in_port=11 actions=output:11', 'in_port="tap-vm1" actions=output:"tap-vm1"', 'in_port="tap-vm2" actions=output:"tap-vm2"', 'in_port=1 actions=11',
    'actions=meter:1,output:1', 'actions=output:1,meter:1', 'actions=output:1', 'actions= output:1', 'actions=drop', 'actions=drop,drop',
    'reg0=1,xreg0=0x500000006 actions=drop', 'xreg0=0x500000006,reg0=1 actions=drop', 'in_port=1,in_port=2 actions=drop',
    'send_flow_rem actions=drop', 'send_flow_rem=1 actions=drop', 'priority=1 actions=drop', 'priority=1x actions=drop', 'cookie=1/1 actions=drop',
  ]

  test('reads each line as if it were the first, whatever the line before', () => {
    const first = new Map(
      LINES.map((text) => [text, outcome((text) => parseFlow(line(text), { names }), text)]),
    )
    const parse = flowParser({ names })
    const wrong = LINES.flatMap((before) =>
      LINES.filter((text) => {
        outcome((text) => parse(line(text)), before)
        const read = outcome((text) => parse(line(text)), text)
        return JSON.stringify(read) !== JSON.stringify(first.get(text))
      }).map((text) => `${text} after ${before}`),
    )
    expect(wrong).toEqual([])
    expect(new Set([...first.values()].map((read) => JSON.stringify(read))).size).toBeGreaterThan(40)
  })

  test('marks a mistake that comes again where it stands this time', () => {
    const parse = flowParser({ names })
    const places = [1, 7, 7].map((column) =>
      outcome((text) => parse(line(text, column)), 'ip,tp_src=x actions=drop'),
    )
    expect(places).toMatchObject([{ at: { column: 11 } }, { at: { column: 17 } }, { at: { column: 17 } }])
    const nested = [1, 7].map((column) =>
      outcome((text) => parse(line(text, column)), 'actions=clone(output:1,fly)'),
    )
    expect(nested).toMatchObject([{ at: { column: 24, length: 3 } }, { at: { column: 30, length: 3 } }])
  })

  test('knows ports by its own names', () => {
    const text = 'in_port="tap-vm1" actions=output:"tap-vm1"'
    const ports = [11, 12].map((port) => flowParser({ names: portNames([['tap-vm1', port]]) })(line(text)))
    expect(ports.map((flow) => renderFlow(flow, NO_NAMES))).toEqual([
      'in_port=11 actions=output:11',
      'in_port=12 actions=output:12',
    ])
  })

  test('reads actions for the flows that are asked for, though others have the same', () => {
    const parse = flowParser({ names, readActions: (cookie) => cookie.endsWith('7') })
    const actions = ['0x8', '0x7', '0x8', '0x7'].map(
      (cookie) => parse(line(`cookie=${cookie} actions=output:1`)).instructions.length,
    )
    expect(actions).toEqual([0, 1, 0, 1])
  })

  test('gives equal words one record', () => {
    const parse = flowParser({ names })
    const [a, b] = ['priority=1,ip actions=output:1', 'priority=2,ip actions=output:1'].map((text) =>
      parse(line(text)),
    )
    expect(a?.match[0]).toBe(b?.match[0])
    expect(a?.instructions).toBe(b?.instructions)
  })
})
