// Plans onto standard output or into files.
import { writeFile } from 'node:fs/promises'
import { ReconcileError } from '../errors/error.js'
import { renderPlanOfctl } from '../plan/render-ofctl.js'
import { planToJson } from '../plan/render-json.js'
import { NO_PAINT, type Paint } from '../plan/paint.js'
import { renderPlanText } from '../plan/render-text.js'
import type { PlanReport } from '../plan/report.js'
import type { Settings } from './arguments.js'
import type { Output } from './options.js'
import { painter } from './painter.js'

export async function writePlans(reports: readonly PlanReport[], settings: Settings): Promise<void> {
  for (const output of settings.outputs) {
    const paint = output.file === undefined ? painter(settings.color, process.stdout) : NO_PAINT
    const plans = renderPlans(reports, output, settings, paint)
    const text = plans === '' ? '' : `${plans}\n`
    if (output.file === undefined) process.stdout.write(text)
    else await writeOutput(output.file, text)
  }
}

/** @throws ReconcileError OUTPUT_UNWRITABLE */
async function writeOutput(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text)
  } catch (cause) {
    throw new ReconcileError('OUTPUT_UNWRITABLE', `Cannot write the plan to "${file}".`, {
      remedy: 'Use --output FORMAT=FILE with a file in a folder that exists and may be written to.',
      cause,
    })
  }
}

function renderPlans(
  reports: readonly PlanReport[],
  { format }: Output,
  { against, mode }: Settings,
  paint: Paint,
): string {
  switch (format) {
    case 'json':
      return JSON.stringify({ plans: reports.map(planToJson) }, null, 2)
    case 'ofctl': {
      const plain = mode === 'dry-run' && against === 'empty'
      return reports.map((report) => `${headOf(report, reports)}${renderPlanOfctl(report, plain)}`).join('\n')
    }
    case 'human':
      return reports.map((report) => renderPlanText(report, paint)).join('\n\n')
  }
}

/** Which bridge the lines are for, where there are several and none says its node. */
function headOf({ bridge, node }: PlanReport, reports: readonly PlanReport[]): string {
  return reports.length > 1 && node === undefined ? `# bridge ${bridge}\n` : ''
}
