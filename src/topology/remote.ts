// The ports that are on other nodes: objects that this node needs in, each port with its node and the addresses of these
// nodes out.
import type { ManifestSet, Port } from '../manifest/model.js'
import type { Ipv4 } from '../values/ipv4.js'
import type { BindingNotice } from './bind.js'
import type { ClusterView } from './cluster-view.js'
import { nodeOfPort } from './scope.js'

interface RemotePlaces {
  readonly placed: readonly { readonly port: Port; readonly node: string }[]
  /** Tunnel addresses of their nodes. */
  readonly peers: ReadonlyMap<string, Ipv4>
  readonly notices: readonly BindingNotice[]
}

export const NOWHERE: RemotePlaces = { placed: [], peers: new Map(), notices: [] }

/** A port on a node without an address cannot be reached; it is left out, and that is said. */
export function placeRemotePorts({
  manifests,
  node: here,
  cluster,
}: {
  readonly manifests: ManifestSet
  readonly node: string
  readonly cluster: ClusterView
}): RemotePlaces {
  const addresses = new Map([
    ...cluster.tunnelIps,
    ...manifests.nodes.map(({ name, tunnelIp }) => [name, tunnelIp] as const),
  ])
  const placed: { readonly port: Port; readonly node: string }[] = []
  const peers = new Map<string, Ipv4>()
  const notices: BindingNotice[] = []
  for (const port of manifests.ports) {
    const node = nodeOfPort(port, cluster)
    if (node === undefined || node === here) continue
    const address = addresses.get(node)
    if (address === undefined) {
      notices.push(unreachable(port, node))
      continue
    }
    placed.push({ port, node })
    peers.set(node, address)
  }
  return { placed, peers, notices }
}

function unreachable(port: Port, node: string): BindingNotice {
  const message = `it is on node ${node}, whose tunnel address nobody knows`
  return { port, reason: 'NoTunnelAddress', message }
}
