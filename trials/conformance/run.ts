import type { PythonChecks } from './python.ts'
import type { ClientName, Row } from './row.ts'
import { hello, twoCalls, written } from './scripts.ts'
import type { Site } from './site.ts'

export interface Check {
  row: Row
  client: ClientName
  run: () => Promise<void>
}

const pythonPlays = { tools: twoCalls, json: written } as Record<string, typeof hello | undefined>

/** Every check of every row. Each ends with all replies it saw held against their schemas. */
export function checksOf(rows: readonly Row[], site: () => Site, python: (() => PythonChecks) | null): Check[] {
  return rows.flatMap((row) => {
    const checks = Object.entries(row.checks) as [ClientName, (site: Site) => Promise<void>][]
    const { python: name } = row
    if (python !== null && name !== undefined)
      checks.push([
        'python',
        (here) => {
          here.play(pythonPlays[name] ?? hello)
          return python().check(name)
        },
      ])
    return checks.map(([client, check]) => ({
      row,
      client,
      run: async () => {
        const here = site()
        await here.judged().catch(() => 0)
        here.play(hello)
        await check(here)
        if ((await here.judged()) === 0) throw new Error('no reply was seen')
      },
    }))
  })
}
