/** The report of a run: one HTML file in its folder that opens without a server. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeDurably } from '#data/durable'
import { type Metrics, readMetrics } from './metrics.ts'
import { parseRunConfig } from './run-config.ts'

/** Writes `report.html` into a run's folder from what lies there, and returns its path. */
export function writeReport(folder: string): string {
  const target = join(folder, 'report.html')
  const config = join(folder, 'run.json')
  const run = existsSync(config) ? parseRunConfig(JSON.parse(readFileSync(config, 'utf8')), config) : null
  const rows = readMetrics(join(folder, 'metrics.jsonl')).flatMap(row)
  const name = run?.name ?? folder
  writeDurably(
    target,
    `<!doctype html><meta charset="utf-8"><title>${escaped(name)}</title><h1>${escaped(name)}</h1>` +
      `<table><tr><th>step<th>loss</tr>${rows.join('')}</table>`,
  )
  return target
}

const row = (m: Metrics) => (m.kind === 'step' ? [`<tr><td>${m.step}<td>${m.loss.toFixed(4)}</tr>`] : [])

const escaped = (text: string) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)
