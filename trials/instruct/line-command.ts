import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type LineOptions, runStage, type StageName } from './line.ts'

/** What a command was told that works on the runs of the line, and its own options by name. */
export interface LineCommand {
  options: LineOptions
  own: Readonly<Record<string, string>>
}

/** Reads `--folder`, `--replicas`, `--quick` and the command's own options from their defaults. Ctrl-C ends the stage that runs. */
export function lineCommand(args: string[], defaults: Readonly<Record<string, string>>): LineCommand {
  const own = Object.entries(defaults).map(([name, text]) => [name, { type: 'string', default: text }] as const)
  const { values } = parseArgs({
    args,
    options: {
      folder: { type: 'string', default: 'runs' },
      replicas: { type: 'string' },
      quick: { type: 'boolean', default: false },
      ...Object.fromEntries(own),
    },
    allowPositionals: true,
    strict: false,
  })
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort())
  const options: LineOptions = {
    runs: resolve(String(values.folder)),
    quick: values.quick === true,
    replicas: typeof values.replicas === 'string' ? Number(values.replicas) : undefined,
    signal: stop.signal,
    say: (text) => console.error(text),
  }
  return { options, own: Object.fromEntries(own.map(([name]) => [name, String(values[name])])) }
}

/** Runs the stages that are not done yet. False where it was stopped, which it says. */
export async function runStages(stages: readonly StageName[], options: LineOptions): Promise<boolean> {
  for (const stage of stages) {
    if (await runStage(stage, options)) continue
    options.say('stopped; the same command goes on from here')
    return false
  }
  return true
}
