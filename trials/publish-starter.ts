/** Makes the folder `starter/` from the runs of recipes/starter: weights, manifest, report, and a card with measured figures. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { generatorSource } from '#data/conversations'
import { combineManifests } from '#data/manifest'
import { startServer } from '#serve/start'
import { readMetrics } from '#train/metrics'
import { type CardFigure, writeModelCard } from '#train/model-card'
import { readRunConfig } from '#train/run-config'
import { Figures } from '#trials/figures'
import { endpoint, type Measurement, measureConversations, report } from '#trials/starter'

const target = fileURLToPath(new URL('../starter', import.meta.url))
const perLanguage = 100
/** The folders of the recipe's stages, in order; the last one's model is published. */
const stages = ['pretrain', 'sft', 'sft-2', 'sft-3', 'sft-4', 'sft-5'].map((stage) => `runs/starter-${stage}`)

export async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      stage: { type: 'string', multiple: true, default: stages },
      log: { type: 'boolean' },
      check: { type: 'boolean' },
    },
  })
  const folders = values.stage.map((folder) => resolve(folder))
  const last = folders[folders.length - 1]
  copyModel(join(last, 'model'))
  await combineManifests(
    folders.map((folder) => join(folder, 'data')),
    target,
    { digest: ({ source }) => source === generatorSource },
  )
  for (const [i, folder] of folders.entries())
    copyFileSync(join(folder, 'report.html'), join(target, `report-${i + 1}.html`))
  const figures = new Figures('npm run trials -- publish-starter')
  const measured = await measure()
  report(figures, measured)
  writeModelCard(target, card(measured, folders))
  figures.finish()
}

function copyModel(from: string): void {
  if (!existsSync(join(from, 'config.json')))
    throw new Error(`${from} holds no finished model: run recipes/starter first`)
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target)
  const left = new Set(['manifest.json', 'documents.jsonl.gz', 'README.md'])
  for (const name of readdirSync(from)) if (!left.has(name)) copyFileSync(join(from, name), join(target, name))
}

async function measure(): Promise<Measurement> {
  const server = await startServer({ host: '127.0.0.1', port: 0, modelFolder: target, pageFolder: null })
  try {
    const ask = await endpoint(`${server.url}/v1`)
    return await measureConversations(ask, { perLanguage, seed: 1 })
  } finally {
    await server.close()
  }
}

function card(measured: Measurement, folders: readonly string[]) {
  const skills = Object.entries(measured.skills)
  const named = (least: number, most: number) =>
    skills
      .filter(([, s]) => s.of >= 5 && s.right / s.of >= least && s.right / s.of < most)
      .map(([name, s]) => `${name} (${s.right} of ${s.of} answers right)`)
  return {
    name: 'dotline-starter',
    licence: 'Apache-2.0',
    languages: ['en', 'zh'],
    summary:
      'A very small bilingual GPT, trained from raw text by the Dotline repository that ships it, so that a fresh machine ' +
      'has something to talk to. It holds short, simple conversations in English and Chinese. It knows next to nothing ' +
      'about the world and is not meant to be relied upon.',
    uses: ['Trying Dotline: the page, the API, the commands', 'A starting point for fine-tuning in minutes'],
    can: [
      ...named(0.85, 2),
      'Short exchanges of the kinds that data/conversations makes; how often each kind is right is measured, here and below',
    ],
    cannot: [
      ...named(0, 0.85),
      'Answer questions about the world, reason in steps, write longer texts, translate sentences, program',
      'Be safe by itself: it refuses the requests that its training resembles, and can be led astray by others',
      'See more than 512 tokens: older turns are dropped, and the reply says so',
    ],
    figures: figuresOf(measured),
    training: [...folders.map(lineOf), 'To repeat it: recipes/README.md.'],
  }
}

function figuresOf({ languages }: Measurement): CardFigure[] {
  return (['en', 'zh'] as const).map((language) => ({
    task: `held-out generated conversations, ${language}`,
    metric: 'conversations with every answer right',
    value: languages[language].share,
    unit: `of ${languages[language].of}, 95 % interval ${languages[language].low.toFixed(2)} to ${languages[language].high.toFixed(2)}`,
    measured: 'npm run trials -- starter',
  }))
}

function lineOf(folder: string): string {
  const steps = readMetrics(join(folder, 'metrics.jsonl')).filter((m) => m.kind === 'step')
  const last = steps[steps.length - 1]
  const { seed, stage } = readRunConfig(join(folder, 'run.json'))
  return (
    `${stage === 'pretrain' ? 'Pre-training' : 'Fine-tuning'}: ${last.step} steps, ${(last.tokens / 1e6).toFixed(1)} M tokens, ${(last.seconds / 60).toFixed(0)} minutes ` +
    `on two processor cores, seed ${seed}`
  )
}
