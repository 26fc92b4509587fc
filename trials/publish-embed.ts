/** Makes the folder `starter-embed/` from the run of recipes/embed: weights, manifest, report, and a card with measured figures. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readMetrics } from '#train/metrics'
import { type CardFigure, type ModelCard, writeModelCard } from '#train/model-card'
import { readRunConfig } from '#train/run-config'
import { Figures } from '#trials/figures'
import { type EmbedMeasurement, measureEmbedder, type Retrieval, reportEmbedder } from './embed/measure.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const target = here('../starter-embed')
const command = 'npm run trials -- embed'

/** `--run` the folder of the finished run, `--data` the folder of texts. */
export async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      run: { type: 'string', default: here('../runs/embed') },
      data: { type: 'string', default: here('../../shared/data') },
      log: { type: 'boolean' },
      check: { type: 'boolean' },
    },
  })
  const run = resolve(values.run)
  const from = join(run, 'model')
  if (!existsSync(join(from, 'config.json')))
    throw new Error(`${from} holds no finished model: run recipes/embed first`)
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target)
  for (const name of readdirSync(from)) copyFileSync(join(from, name), join(target, name))
  copyFileSync(join(run, 'report.html'), join(target, 'report.html'))
  const figures = new Figures('npm run trials -- publish-embed')
  const measured = await measureEmbedder(target, values.data)
  reportEmbedder(figures, measured)
  writeModelCard(target, card(measured, run))
  figures.finish()
}

const languages = { en: 'English', zh: 'Chinese' } as const
const percent = (value: number) => `${(100 * value).toFixed(1)} %`

function card(measured: EmbedMeasurement, run: string): ModelCard {
  const found = Object.entries(measured.retrieval) as [keyof typeof languages, Retrieval][]
  return {
    name: 'dotline-embed',
    embeds: true,
    licence: 'Apache-2.0',
    languages: ['en', 'zh'],
    summary:
      'A very small bilingual embedding model, trained contrastively by the Dotline repository that ships it on texts that stand ' +
      'together in documents, so that a fresh machine can compare and find texts until its operator adds a better model.',
    uses: ['Finding passages by a question or by a passage like them, in one language', 'Trying /v1/embeddings'],
    can: found.map(
      ([tongue, { pairs, lengths, bm25, ahead }]) =>
        `${languages[tongue]}: of ${pairs} held-out passages it finds the one beside a given one among the first ten in ${percent(lengths[0].at10)} of the cases, BM25 in ${percent(bm25.at10)} (difference ${percent(ahead.low)} to ${percent(ahead.high)}, 95 % interval)`,
    ),
    cannot: [
      'Read the order of words: a text is the mean of its tokens, so that "dog bites man" is "man bites dog"',
      'Compare a text with one in another language: it was not trained for that',
      'Know words that its documents lack: novels, documentation of software, laws and poems',
    ],
    figures: figuresOf(measured, found),
    training: [lineOf(run), 'To repeat it: recipes/README.md.'],
  }
}

function figuresOf(measured: EmbedMeasurement, found: [keyof typeof languages, Retrieval][]): CardFigure[] {
  const measure = (task: string, metric: string, value: number, unit: string) => ({
    task,
    metric,
    value,
    unit,
    measured: command,
  })
  const passages = found.flatMap(([tongue, { pairs, lengths, bm25 }]) => {
    const task = `neighbouring held-out passages, ${tongue}`
    const both = (by: string, at: { at1: number; at10: number }) => [
      measure(task, `recall at 1, ${by}`, at.at1, `of ${pairs}`),
      measure(task, `recall at 10, ${by}`, at.at10, `of ${pairs}`),
    ]
    return [...lengths.flatMap((each) => both(`${each.dimensions} numbers`, each)), ...both('BM25', bm25)]
  })
  const paraphrases = measured.paraphrases.flatMap(({ task, same, other, order, pairs }) => [
    measure(task, 'mean cosine of paraphrases', same, `of ${pairs} pairs`),
    measure(task, 'mean cosine of others', other, `of ${pairs} pairs`),
    measure(task, 'a paraphrase nearer than another pair', order, ''),
  ])
  const { graded } = measured
  const grades = graded
    ? [measure('STS-B, dev', 'Spearman of cosines', graded.correlation, `of ${graded.pairs} pairs`)]
    : []
  return [...passages, ...paraphrases, ...grades]
}

function lineOf(folder: string): string {
  const steps = readMetrics(join(folder, 'metrics.jsonl')).filter((metrics) => metrics.kind === 'step')
  const last = steps[steps.length - 1]
  const { seed, rows } = readRunConfig(join(folder, 'run.json'))
  return (
    `InfoNCE in both directions over ${rows} pairs a step, at each of its lengths: ${last.step} steps, ` +
    `${((last.step * rows) / 1e6).toFixed(1)} M pairs, ${(last.tokens / 1e6).toFixed(1)} M tokens, seed ${seed}, on one processor core`
  )
}
