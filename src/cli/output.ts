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

/** @throws ReconcileError USAGE, before anything is written; OUTPUT_UNWRITABLE */
export async function writePlans(reports: readonly PlanReport[], settings: Settings): Promise<void> {
  if (isForEmpty(settings) && settings.outputs.some(({ format }) => format === 'ofctl'))
    refuseSeveral(ofOneBridge(reports, settings))
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
  settings: Settings,
  paint: Paint,
): string {
  switch (format) {
    case 'json':
      return JSON.stringify({ plans: reports.map(planToJson) }, null, 2)
    case 'ofctl': {
      const own = ofOneBridge(reports, settings)
      const plain = isForEmpty(settings)
      return own.map((report) => `${headOf(report, own)}${renderPlanOfctl(report, plain)}`).join('\n')
    }
    case 'human':
      return reports.map((report) => renderPlanText(report, paint)).join('\n\n')
  }
}

/** What is printed is for a switch without flows: plain flows, which `ovs-ofctl add-flows` puts on one bridge. */
function isForEmpty({ mode, against }: Settings): boolean {
  return mode === 'dry-run' && against === 'empty'
}

/** ovs-ofctl works on one bridge, so whoever names one wants the lines for that. */
function ofOneBridge(
  reports: readonly PlanReport[],
  { bridge, isBridgeGiven }: Settings,
): readonly PlanReport[] {
  return isBridgeGiven ? reports.filter((report) => report.bridge === bridge) : reports
}

/** Flows of two bridges in one file load nowhere: each names ports that the other bridge has not. */
function refuseSeveral(reports: readonly PlanReport[]): void {
  if (reports.length < 2) return
  const titles = reports.map(({ node, bridge }) => (node === undefined ? bridge : `${node} ${bridge}`))
  const bridges = [...new Set(reports.map(({ bridge }) => `--bridge ${bridge}`))].join(' or ')
  const nodes =
    new Set(reports.map(({ node }) => node)).size > 1 ? ', and --node NAME for one of the nodes' : ''
  const message = `A file for ovs-ofctl is of one bridge, and this plan is of ${titles.length}: ${titles.join(', ')}.`
  throw new ReconcileError('USAGE', message, { remedy: `Use ${bridges}${nodes}.` })
}

/** Which bridge the lines are for, where there are several and none says its node. */
function headOf({ bridge, node }: PlanReport, reports: readonly PlanReport[]): string {
  return reports.length > 1 && node === undefined ? `# bridge ${bridge}\n` : ''
}
