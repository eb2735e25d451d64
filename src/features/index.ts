// The features of the pipeline. A new one is a folder and a line here.
import type { Feature } from '../pipeline/feature.js'
import { arp, arpResponder } from './arp-responder/index.js'
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
