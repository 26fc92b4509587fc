import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Figures } from './figures.ts'
import { guess } from './guess/attack.ts'

/** Somebody tries passwords, from one address and from a hundred, while others chat. */
export async function main(args: string[]): Promise<void> {
  const options = {
    tries: { type: 'string', default: '10000' },
    log: { type: 'boolean' },
    check: { type: 'boolean' },
  } as const
  const { values } = parseArgs({ args, options })
  const figures = new Figures(`npm run trials -- guess --tries ${values.tries}`)
  for (const addresses of [1, 100]) {
    const folder = mkdtempSync(join(tmpdir(), 'dotline-guess-'))
    try {
      const found = await guess(folder, Number(values.tries), addresses)
      const from = `from ${addresses} ${addresses === 1 ? 'address' : 'addresses'}`
      figures.record(`most passwords that were looked at, of an account, ${from}`, found.mostOfAccount, '', {
        op: '<=',
        value: 10,
      })
      figures.record(`chat p95 while passwords are tried ${from}, against before`, found.slower, '×', {
        op: '<=',
        value: 1.2,
      })
      figures.record(`known names told from unknown by time ${from}`, found.told, 'AUC', { op: '<=', value: 0.55 })
      figures.record(`guesses that were answered ${from}`, found.answered, '')
    } finally {
      rmSync(folder, { recursive: true })
    }
  }
  figures.finish()
}
