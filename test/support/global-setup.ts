// Runs once before the integration tests: builds the program when it is stale, and fails with one clear message
// when this machine cannot run Open vSwitch in network namespaces.
import { spawnSync } from 'node:child_process'

/** @throws with the words of scripts/setup.sh, the one place that knows what is needed */
export default function setUpIntegration(): void {
  const { status, stderr } = spawnSync('bash', ['scripts/setup.sh', '--check'], { encoding: 'utf8' })
  if (status === 0) return
  const error = new Error(stderr.trim())
  delete error.stack // the message says it all
  throw error
}
