import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { seededRandom } from '#data/shuffle'
import { tryMatrix } from './access/matrix.ts'
import { tryMints } from './access/mints.ts'
import { Figures } from './figures.ts'

const options = {
  mints: { type: 'string', default: '1000000' },
  seed: { type: 'string' },
  log: { type: 'boolean' },
  check: { type: 'boolean' },
} as const

/** Who gets through to what: every address by everybody, and random keys that make random keys. */
export async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options })
  const seed = Number(values.seed ?? randomInt(2 ** 31))
  const figures = new Figures(`npm run trials -- access --mints ${values.mints} --seed ${seed}`)
  const { addresses, requests, tried, wrong } = await tryMatrix()
  for (const line of wrong) console.log(line)
  figures.record('addresses', addresses, '')
  figures.record('requests', requests, '')
  figures.record('fields with things of others', tried.length, '')
  figures.record('wrong answers', wrong.length, '', { op: '=', value: 0 })
  const mints = tryMints(Number(values.mints), seededRandom(seed))
  figures.record('keys made', mints.made, `of ${mints.tried}`)
  figures.record('keys wider than what made them', mints.wider.length, '', { op: '=', value: 0 })
  await figures.finish()
  if (wrong.length + mints.wider.length > 0) process.exitCode = 1
}
