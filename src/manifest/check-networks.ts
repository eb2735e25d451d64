// Networks, subnets and nodes among themselves: segmentation ids, overlaps, gateways, tunnels.
import { ReconcileError } from '../errors/error.js'
import { comparePositions } from '../errors/position.js'
import { broadcastOf, type Cidr, overlaps, renderCidr } from '../values/cidr.js'
import { renderIpv4 } from '../values/ipv4.js'
import { misfitProblem } from './addresses.js'
import { describeObject } from './describe.js'
import type { Located, NodeDraft, Report, RouterDraft, SubnetDraft } from './draft.js'
import { findClashes, groupBy } from './grouping.js'
import type { ManifestIndex } from './manifest-index.js'

export function checkSegmentationIds(index: ManifestIndex, report: Report): void {
  findClashes(
    index.of('Network'),
    ({ segmentationId }) => segmentationId?.value,
    (second, first) => {
      if (!second.segmentationId || !first.segmentationId) return
      const { value, at } = second.segmentationId
      const message =
        `${describeObject('Network', second.name?.value)} has segmentation id ${value}, which ` +
        `${describeObject('Network', first.name?.value)} has already.`
      const related = [{ label: 'first used here', at: first.segmentationId.at }]
      const remedy = 'Use a number that no other Network has.'
      report(new ReconcileError('DUPLICATE_SEGMENTATION_ID', message, { at, related, remedy }))
    },
  )
}

export function checkGateways(index: ManifestIndex, report: Report): void {
  for (const { name, cidr, gatewayIp } of index.of('Subnet')) {
    if (!cidr || !gatewayIp || gatewayIp.isDefault) continue
    const problem = misfitProblem(
      `The gateway of ${describeObject('Subnet', name?.value)}`,
      gatewayIp,
      cidr,
      'this subnet',
    )
    if (problem) report(problem)
  }
}

interface PlacedSubnet {
  readonly title: string
  readonly network: string | undefined
  readonly cidr: Located<Cidr>
  /** What to mark: the CIDR in the network, the mention on a router. */
  readonly mark: Located<unknown>
}

export function checkOverlaps(index: ManifestIndex, report: Report): void {
  const placed = index.of('Subnet').flatMap((subnet) => placedSubnet(subnet) ?? [])
  const byNetwork = groupBy(placed, ({ network }) => network)
  for (const [network, subnets] of byNetwork) reportOverlaps(subnets, `on network "${network}"`, report)
  for (const router of index.of('Router')) reportOverlapsOnRouter(router, index, report)
}

/** Of two subnets of one network the network's check speaks. */
function reportOverlapsOnRouter(router: RouterDraft, index: ManifestIndex, report: Report): void {
  const mentions = new Map<string, PlacedSubnet>()
  for (const { subnet } of router.interfaces) {
    const placed = placedSubnet(index.find('Subnet', subnet))
    if (placed && subnet && !mentions.has(subnet.value))
      mentions.set(subnet.value, { ...placed, mark: subnet })
  }
  const where = `on ${describeObject('Router', router.name?.value)}`
  reportOverlaps(
    [...mentions.values()],
    where,
    report,
    (a, b) => a.network === undefined || a.network !== b.network,
  )
}

function placedSubnet(subnet: SubnetDraft | undefined): PlacedSubnet | undefined {
  if (!subnet?.cidr) return undefined
  const { name, network, cidr } = subnet
  return { title: describeObject('Subnet', name?.value), network: network?.value, cidr, mark: cidr }
}

/** In order of first address, a subnet overlaps an earlier one just when it overlaps the one that reaches furthest. */
function reportOverlaps(
  subnets: readonly PlacedSubnet[],
  where: string,
  report: Report,
  counts: (a: PlacedSubnet, b: PlacedSubnet) => boolean = () => true,
): void {
  const sorted = subnets.toSorted((a, b) => a.cidr.value.network - b.cidr.value.network || compareMarks(a, b))
  let furthest: PlacedSubnet | undefined
  for (const subnet of sorted) {
    if (furthest && overlaps(furthest.cidr.value, subnet.cidr.value) && counts(furthest, subnet)) {
      report(overlapProblem(furthest, subnet, where))
    }
    if (!furthest || lastAddress(subnet.cidr.value) > lastAddress(furthest.cidr.value)) furthest = subnet
  }
}

function compareMarks(a: PlacedSubnet, b: PlacedSubnet): number {
  return comparePositions(a.mark.at, b.mark.at)
}

function lastAddress(cidr: Cidr): number {
  return broadcastOf(cidr) ?? cidr.network + (cidr.prefixLength === 31 ? 1 : 0)
}

function overlapProblem(a: PlacedSubnet, b: PlacedSubnet, where: string): ReconcileError {
  const [first, second] = compareMarks(a, b) <= 0 ? [a, b] : [b, a]
  const message = `${withCidr(second)} overlaps ${withCidr(first)} ${where}.`
  const related = [{ label: 'the other subnet', at: first.mark.at }]
  const remedy = 'Use prefixes that share no address, or keep the two apart.'
  return new ReconcileError('SUBNET_OVERLAP', message, { at: second.mark.at, related, remedy })
}

function withCidr({ title, cidr }: PlacedSubnet): string {
  return `${title} (${renderCidr(cidr.value)})`
}

export function checkNodes(index: ManifestIndex, report: Report): void {
  findClashes(
    index.of('Node'),
    ({ tunnelIp }) => tunnelIp?.value,
    (second, first) => {
      if (!second.tunnelIp || !first.tunnelIp) return
      const { value, at } = second.tunnelIp
      const message =
        `${describeObject('Node', second.name?.value)} has tunnel address ${renderIpv4(value)}, which ` +
        `${describeObject('Node', first.name?.value)} has already.`
      const related = [{ label: 'first used here', at: first.tunnelIp.at }]
      report(
        new ReconcileError('DUPLICATE_TUNNEL_IP', message, {
          at,
          related,
          remedy: "Use each node's own address.",
        }),
      )
    },
  )
  checkEncapsulations(index.of('Node'), report)
}

/** What most nodes say is taken for meant, and of equals what is said first. */
function checkEncapsulations(nodes: readonly NodeDraft[], report: Report): void {
  const byValue = groupBy(nodes, ({ encapsulation }) => encapsulation?.value)
  const [[usual, [example]] = [undefined, []]] = [...byValue].toSorted(([, a], [, b]) => b.length - a.length)
  for (const { name, encapsulation } of nodes) {
    if (!usual || !example?.encapsulation || !encapsulation || encapsulation.value === usual) continue
    const message =
      `${describeObject('Node', name?.value)} uses ${encapsulation.value}, but ` +
      `${describeObject('Node', example.name?.value)} uses ${usual}.`
    const related = [{ label: 'the other encapsulation', at: example.encapsulation.at }]
    const remedy = `Use ${usual}, or change all nodes.`
    report(new ReconcileError('ENCAPSULATION_MISMATCH', message, { at: encapsulation.at, related, remedy }))
  }
}
