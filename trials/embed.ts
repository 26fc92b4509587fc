/**
 * The embedding model that is shipped: how often it finds the passage beside a held-out one, next to BM25, and whether
 * texts that say the same are nearer to each other than others. With `--compare SECONDS`, the two shapes that such a
 * model may have, trained for the same time.
 */

import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Figures } from '#trials/figures'
import { compareShapes } from './embed/compare.ts'
import { measureEmbedder, reportEmbedder } from './embed/measure.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** `--data` the folder of texts, `--model` (the shipped one), `--pairs` of each language; `--compare`, `--run`. */
export async function main(args: string[]): Promise<void> {
  const options = {
    data: { type: 'string', default: here('../../shared/data') },
    model: { type: 'string', default: here('../starter-embed') },
    pairs: { type: 'string', default: '1000' },
    compare: { type: 'string' },
    run: { type: 'string', default: here('../runs/embed') },
  } as const
  const { values } = parseArgs({ args, strict: false, options })
  const text = (name: keyof typeof options) => String(values[name])
  if (values.compare === undefined) {
    const figures = new Figures(`npm run trials -- embed${values.pairs === '1000' ? '' : ` --pairs ${values.pairs}`}`)
    reportEmbedder(figures, await measureEmbedder(text('model'), text('data'), Number(values.pairs)))
    figures.finish()
    return
  }
  const figures = new Figures(`npm run trials -- embed --compare ${values.compare}`)
  await compareShapes(figures, text('run'), Number(values.compare))
  figures.finish()
}
