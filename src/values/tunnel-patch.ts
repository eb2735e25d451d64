// Names of what joins the bridge of the guests to the other nodes. No Port of the manifests may have one of them.

/** The bridge that tunnels end at. */
export const TUNNEL_BRIDGE = 'br-tun'
/** Of the integration bridge: its patch port to the tunnel bridge. */
export const TUNNEL_PATCH = 'patch-tun'
/** Of the tunnel bridge: its patch port to the integration bridge. */
export const INTEGRATION_PATCH = 'patch-int'
/** Of the tunnel bridge: its port to all other nodes. */
export const TUNNEL_PORT = 'tun'
