// Which port gets which interface of a switch: never two the same.
import { ReconcileError } from '../errors/error.js'
import { TUNNEL_PATCH } from '../values/tunnel-patch.js'
import { describeObject } from './describe.js'
import type { Located, PortDraft, Report } from './draft.js'
import type { ManifestIndex } from './manifest-index.js'

interface Claim {
  readonly port: PortDraft
  readonly text: Located<string>
}

/** Who has claimed one interface so far; undefined stands for a port that may turn up on any host. */
type ClaimsByHost = Map<string | undefined, Claim>

export function checkInterfaceClaims(index: ManifestIndex, report: Report): void {
  const ports = index.of('Port')
  const interfaces = ports.flatMap((port) => claim(port, port.interface))
  reportClashes(interfaces, 'interface', report)
  for (const { port, text } of interfaces)
    if (text.value === TUNNEL_PATCH) report(reservedProblem(port, text))
  reportClashes(
    ports.flatMap((port) => claim(port, port.ifaceId)),
    'ifaceId',
    report,
  )
}

function claim(port: PortDraft, text: Located<string> | undefined): Claim[] {
  return text ? [{ port, text }] : []
}

function reportClashes(claims: readonly Claim[], field: 'interface' | 'ifaceId', report: Report): void {
  const taken = new Map<string, ClaimsByHost>()
  for (const claim of claims) {
    const byHost = taken.get(claim.text.value) ?? new Map<string | undefined, Claim>()
    const first = rivalOf(claim, byHost)
    if (first) report(clashProblem(claim, first, field))
    else byHost.set(claim.port.host?.value, claim)
    taken.set(claim.text.value, byHost)
  }
}

/** Two hosts may each have an interface of that name. */
function rivalOf({ port }: Claim, byHost: ClaimsByHost): Claim | undefined {
  const host = port.host?.value
  if (host === undefined) return byHost.values().next().value
  return byHost.get(host) ?? byHost.get(undefined)
}

function reservedProblem(port: PortDraft, text: Located<string>): ReconcileError {
  const message = `${describeObject('Port', port.name?.value)} claims interface "${TUNNEL_PATCH}", which leads to the tunnel bridge.`
  return new ReconcileError('RESERVED_INTERFACE', message, {
    at: text.at,
    remedy: 'Use the interface that the guest is plugged in with.',
  })
}

function clashProblem(second: Claim, first: Claim, field: 'interface' | 'ifaceId'): ReconcileError {
  const [b, a] = [second, first].map(({ port }) => describeObject('Port', port.name?.value))
  const given = second.text.isDefault ? ' (its name, as it gives no other)' : ''
  const message = `${String(b)} claims ${field} "${second.text.value}"${given}, which ${String(a)} claims already.`
  const related = [{ label: 'first claimed here', at: first.text.at }]
  const remedy =
    second.port.host && first.port.host
      ? `Give one of the two ports another ${field}.`
      : `Give one of the two ports another ${field}, or both a different host.`
  return new ReconcileError('DUPLICATE_INTERFACE', message, { at: second.text.at, related, remedy })
}
