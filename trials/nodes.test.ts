/** Two server processes on a real PostgreSQL, where there is one. */
import { expect, it } from 'vitest'
import { findPostgres, howToInstall, startPostgres } from '#store/test-postgres'
import { Figures } from '#trials/figures'
import { tryNodes } from './nodes.ts'

const bin = findPostgres()
if (bin === null) console.warn(howToInstall)

it.skipIf(bin === null)(
  'an answer is read on at another node, and limits hold across both',
  async () => {
    const postgres = await startPostgres(bin ?? '')
    const lines: string[] = []
    const figures = new Figures('test', { log: false, check: false, print: (line) => lines.push(line) })
    try {
      const url = await postgres.database()
      await tryNodes({ url, nodes: 2, streams: 3, allowed: 60, takeover: false }, figures)
      expect(figures.finish(), lines.join('\n')).toBe(true)
      expect(lines.join('\n')).toContain('figure nodes.streams_amiss = 0')
    } finally {
      await postgres.stop()
    }
  },
  240_000,
)
