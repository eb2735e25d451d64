// Connection tracking in the notation of `ovs-ofctl`: `ct(commit,zone=5,nat(src=10.0.0.1),exec(set_field:1->ct_mark))`.
import { type Hex, numberFromHex } from '../../values/hex.js'
import { type Ipv4, renderIpv4 } from '../../values/ipv4.js'
import { renderIpv6 } from '../../values/ipv6.js'
import type { Action, ActionOf } from '../actions/actions.js'
import { CT_FLAG, type Nat, NAT_FLAG, NO_TABLE } from '../actions/ct.js'
import { renderBits } from './bits.js'
import { ALGS } from './nicira-words.js'
import type { PortNames } from './port-names.js'
import { joined } from './print-nicira.js'

type RenderActions = (actions: readonly Action[], names: PortNames) => string

/** A translation that comes first stands outside of `exec`. */
export function renderCt(action: ActionOf<'ct'>, names: PortNames, renderActions: RenderActions): string {
  const { flags, zone, tableId, alg, actions } = action
  const [first] = actions
  const nat = first?.type === 'nat' ? first : undefined
  const others = nat ? actions.slice(1) : actions
  return `ct(${joined([
    (flags & CT_FLAG.commit) !== 0 && 'commit',
    (flags & CT_FLAG.force) !== 0 && 'force',
    tableId !== NO_TABLE && `table=${tableId}`,
    zone !== 0 && `zone=${typeof zone === 'number' ? zone : renderBits(zone)}`,
    nat !== undefined && renderNat(nat),
    others.length > 0 && `exec(${renderActions(others, names)})`,
    alg !== 0 && `alg=${ALGS.render(alg)}`,
  ])})`
}

export function renderNat(nat: Nat): string {
  const { flags } = nat
  const side = flags & NAT_FLAG.src ? 'src' : flags & NAT_FLAG.dst ? 'dst' : undefined
  if (side === undefined) return 'nat'
  const range = renderRange(nat)
  if (range === '') return `nat(${side})`
  const extras = (['persistent', 'hash', 'random'] as const).filter((name) => flags & NAT_FLAG[name])
  return `nat(${[`${side}=${range}`, ...extras].join(',')})`
}

/** `10.0.0.1-10.0.0.9:1024-65535`; an IPv6 address before a port stands in brackets. */
function renderRange({ ipv4Min, ipv4Max, ipv6Min, ipv6Max, portMin = 0, portMax }: Nat): string {
  const ports =
    portMin === 0 ? '' : `:${dashed(String(portMin), portMax === undefined ? undefined : String(portMax))}`
  if (ipv4Min !== undefined) return `${dashed(ipv4(ipv4Min), ipv4Max && ipv4(ipv4Max))}${ports}`
  if (ipv6Min === undefined) return ''
  const render = (address: Hex) => (ports === '' ? renderIpv6(address) : `[${renderIpv6(address)}]`)
  return `${dashed(render(ipv6Min), ipv6Max && render(ipv6Max))}${ports}`
}

function ipv4(address: Hex): string {
  return renderIpv4(numberFromHex(address) as Ipv4)
}

function dashed(min: string, max: string | undefined): string {
  return max === undefined || max === min ? min : `${min}-${max}`
}
