/** The report of a run: one HTML file in its folder that opens without a server. */
import { join } from 'node:path'
import { writeDurably } from '#data/durable'
import { readFacts } from './report/facts.ts'
import { renderReport } from './report/page.ts'

/**
 * Writes `report.html` into a run's folder from what lies there, finished or not, and returns its path. Throws
 * RunConfigError or ManifestError where the folder is not a run's.
 */
export function writeReport(folder: string): string {
  const target = join(folder, 'report.html')
  writeDurably(target, renderReport(readFacts(folder)))
  return target
}
