// Names of the bridge that packets to other nodes leave by, and of the ports that lead to it and out of it.

/** Name of the patch port of the integration bridge that leads to the tunnel bridge: no Port may have it. */
export const TUNNEL_PATCH = 'patch-tun'

export const TUNNEL_BRIDGE = 'br-tun'

/** The other end of `TUNNEL_PATCH`, a port of the tunnel bridge. */
export const INTEGRATION_PATCH = 'patch-int'

/** The port of the tunnel bridge for all other nodes: flows say which of them a packet goes to, or came from. */
export const TUNNEL_INTERFACE = 'tun'
