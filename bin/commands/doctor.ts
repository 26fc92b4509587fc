import { fileURLToPath } from 'node:url'
import { english, firstModel } from '../catalogue/english.ts'
import { texts } from '../catalogue.ts'
import { type Command, parse, UsageError } from '../command.ts'
import { dataFolder, modelsFolder } from '../data-folder.ts'
import { portOf } from '../port.ts'
import { writeText } from '../terminal-text.ts'
import type { Finding } from './doctor/finding.ts'
import { bounds, disk, memory, node, page, port, processor, runtime } from './doctor/machine.ts'
import { models } from './doctor/models.ts'

const options = {
  model: { type: 'string' },
  data: { type: 'string' },
  port: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

const pageFolder = fileURLToPath(new URL('../../dist/page', import.meta.url))

async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parse(argv, options)
  if (positionals.length > 0) throw new UsageError(texts().doctor.argument(positionals[0]))
  const asked = portOf(values.port)
  const findings: Finding[] = [processor(), memory(), node()]
  const native = await runtime()
  findings.push(native)
  // Without it no model opens, and each would only say the same again.
  if (native.state === 'ok') findings.push(...(await models(values.model, modelsFolder(values.data), firstModel)))
  findings.push(await port(asked), disk(dataFolder(values.data)), page(pageFolder), bounds())
  const broken = findings.filter(({ state }) => state === 'broken').length
  if (values.json) console.log(JSON.stringify({ ok: broken === 0, findings: findings.map(forPrograms) }))
  else writeText(`${findings.map(forPeople).join('\n')}\n\n${conclusion(broken)}\n`)
  return broken === 0 ? 0 : 1
}

const conclusion = (broken: number) => (broken === 0 ? texts().doctor.well : texts().doctor.broken(broken))

/** What is said to programs has one language. */
const forPrograms = ({ check, state, facts, say, remedy }: Finding) => ({
  check,
  state,
  ...facts,
  message: say(english.doctor),
  remedy: remedy?.(english.doctor) ?? null,
})

const marks = { ok: '✓', note: '!', broken: '✗' } as const

function forPeople({ state, say, remedy }: Finding): string {
  const line = `${marks[state]} ${say(texts().doctor)}`
  return remedy === undefined ? line : `${line}\n  → ${remedy(texts().doctor)}`
}

export const doctor: Command = { run }
