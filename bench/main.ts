// All measurements, one after the other; bench/README.md says what each one means. Needs root, like the tests.
import { createLab } from '../test/support/lab.js'
import { benchCompile } from './compile.js'
import { benchDrift } from './drift.js'
import { benchFlowTable } from './flow-table.js'
import { benchLive } from './live.js'
import { benchStartUp } from './start-up.js'

for (const bench of [benchLive, benchDrift, benchFlowTable]) {
  const lab = await createLab()
  try {
    await bench(lab)
  } finally {
    await lab.destroy()
  }
}
await benchStartUp()
await benchCompile(1_000)
await benchCompile(10_000)
