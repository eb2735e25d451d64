// Which feature and object a cookie stands for, as far as the manifests still have the object.
import { CONNECTION_FEATURE } from '../features/east-west/index.js'
import { FEATURES, TUNNEL_FEATURES } from '../features/index.js'
import type { ManifestSet } from '../manifest/model.js'
import { flowOrigins, type FlowOrigins } from '../plan/report.js'

export function originsIn({ networks, subnets, routers, ports, nodes }: ManifestSet): FlowOrigins {
  const features = [...FEATURES, ...TUNNEL_FEATURES, { id: CONNECTION_FEATURE, name: 'connection' }]
  return flowOrigins(features, [...networks, ...subnets, ...routers, ...ports, ...nodes])
}
