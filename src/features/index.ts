// The features of the pipelines, by bridge. A new one is a folder and a line here.
import type { Feature } from '../pipeline/feature.js'
import { arp, arpOfRemotePorts, arpResponder } from './arp-responder/index.js'
import { canary } from './canary/index.js'
import { classify } from './classify/index.js'
import { eastWest } from './east-west/index.js'
import { ingress, unclaimed } from './ingress/index.js'
import { echoThrough, icmpEcho } from './icmp-echo/index.js'
import { neighbours } from './neighbours/index.js'
import { portSecurity, portSecurityRules, spoofed } from './port-security/index.js'
import { routerErrors } from './router-errors/index.js'
import { staticRoutes } from './static-routes/index.js'
import { layer2Group, layer2Unicast } from './layer2/index.js'
import { punt } from './punt/index.js'
import { ownSubnet, routing } from './routing/index.js'
import { tunnel } from './tunnel/index.js'
import { tunnelArrivals, tunnelNetworks } from './tunnel-arrivals/index.js'
import { tunnelDepartures, tunnelGroup, tunnelUnicast } from './tunnel-departures/index.js'
import { tunnelIngress, tunnelPeers } from './tunnel-ingress/index.js'
import { tunnelRouters, tunnelSenders, tunnelSpoofed } from './tunnel-senders/index.js'

/** Of the integration bridge. */
export const FEATURES: readonly Feature[] = [
  canary,
  unclaimed,
  ingress,
  portSecurityRules,
  portSecurity,
  spoofed,
  classify,
  arp,
  arpResponder,
  arpOfRemotePorts,
  icmpEcho,
  echoThrough,
  routing,
  ownSubnet,
  eastWest,
  staticRoutes,
  routerErrors,
  neighbours,
  layer2Unicast,
  layer2Group,
  punt,
  tunnel,
]

/** Of the tunnel bridge. */
export const TUNNEL_FEATURES: readonly Feature[] = [
  tunnelIngress,
  tunnelPeers,
  tunnelArrivals,
  tunnelNetworks,
  tunnelSpoofed,
  tunnelSenders,
  tunnelRouters,
  tunnelDepartures,
  tunnelUnicast,
  tunnelGroup,
]
