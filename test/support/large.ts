// Networks with many flows and few manifests: every pair of subnets on one router is a flow.
import { manifest, networkWithSubnet } from './scene.js'

export const FIRST_SEGMENTATION_ID = 20_000

/** Manifests of a router between that many subnets, at most 1,000: `count * (count - 1)` flows and some for each subnet. */
export function routedSubnets(count: number): readonly string[] {
  const numbers = Array.from({ length: count }, (_, n) => n)
  return [
    ...numbers.flatMap((n) =>
      networkWithSubnet(
        `many-${n}`,
        FIRST_SEGMENTATION_ID + n,
        `10.${100 + Math.floor(n / 256)}.${n % 256}.0/24`,
      ),
    ),
    manifest('Router', 'many', { interfaces: numbers.map((n) => ({ subnet: `many-${n}-v4` })) }),
  ]
}
