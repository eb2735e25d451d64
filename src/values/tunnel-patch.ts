/** Name of the patch port to the tunnel bridge: no Port may have it. */
export const TUNNEL_PATCH = 'patch-tun'
