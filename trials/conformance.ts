/** What of OpenAI's format is supported, shown by the clients that people have; prints the READMEs' table. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ensurePython, PythonChecks } from './conformance/python.ts'
import { rows } from './conformance/rows.ts'
import { checksOf } from './conformance/run.ts'
import { hello } from './conformance/scripts.ts'
import { openSite } from './conformance/site.ts'
import { type Language, tableOf, withTable } from './conformance/table.ts'

const readmes: [string, Language][] = [
  ['README.md', 'english'],
  ['README.zh-CN.md', 'chinese'],
]

/** `--write` puts the table into the READMEs, once every check has passed. */
export async function main(args: string[]): Promise<void> {
  const lack = ensurePython()
  if (lack !== null) console.log(`OpenAI's Python client is not here, so its checks are left out: ${lack}`)
  const site = await openSite(hello)
  const python = lack === null ? new PythonChecks(site) : null
  let failed = 0
  try {
    for (const { row, client, run } of checksOf(rows, () => site, python === null ? null : () => python)) {
      const problem = await run().then(
        () => null,
        (error: unknown) => String(error),
      )
      console.log(`${problem === null ? '✓' : '✗'} ${client.padEnd(6)} ${row.endpoint}: ${row.english}`)
      if (problem !== null) console.log(problem.replace(/^/gm, '    '))
      if (problem !== null) failed++
    }
  } finally {
    python?.close()
    await site.close()
  }
  console.log(`\n${tableOf(rows, 'english')}\n`)
  if (failed > 0) {
    console.log(`${failed} checks failed`)
    process.exitCode = 1
  } else if (args.includes('--write'))
    for (const [name, language] of readmes) {
      const path = fileURLToPath(new URL(`../${name}`, import.meta.url))
      writeFileSync(path, withTable(readFileSync(path, 'utf8'), tableOf(rows, language)))
    }
}
