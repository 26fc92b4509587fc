/**
 * Finding the passage that stands beside another one in a document that was held out: BM25, the bar for an embedding
 * model of ours, and the smallest model that can be trained for it. Recall among 1,000 passages of the language.
 */
import { parseArgs } from 'node:util'
import { Tokenizer } from '#model/tokenizer'
import { Figures } from '#trials/figures'
import { bm25 } from './embed/bm25.ts'
import { type Pair, readPairs, type Tongue } from './embed/passages.ts'
import { ContrastiveTrainer, dot, embed } from './embed/token-vectors.ts'
import { starterFolder } from './served/model.ts'

const width = 256
const batch = 256
const candidates = 1000
const longest = 128

/** `--data` the folder of texts, `--seconds` of training (180). */
export async function main(args: string[]): Promise<void> {
  const options = { data: { type: 'string' }, seconds: { type: 'string', default: '180' } } as const
  const { values } = parseArgs({ args, strict: false, options })
  if (typeof values.data !== 'string') throw new Error('--data names the folder of pretrain-*.jsonl.gz')
  const figures = new Figures(`npm run trials -- embed --seconds ${values.seconds}`)
  const { training, heldOut } = readPairs(values.data)
  const tokenizer = await Tokenizer.open(starterFolder)
  const idsOf = (text: string) => tokenizer.encode(text).slice(0, longest)
  const random = generator(1)
  const trainer = new ContrastiveTrainer(tokenizer.vocabSize, width, random)
  const seconds = Number(values.seconds)
  const { steps, loss } = train(trainer, training, idsOf, seconds, random)
  figures.note(
    `${training.length} pairs to learn from, ${heldOut.length} held out; ${steps} steps, loss ${loss.toFixed(3)}`,
  )
  figures.record('embed.parameters', trainer.model.table.length, '')
  for (const tongue of ['en', 'zh'] as const) {
    const chosen = choose(heldOut, tongue, random)
    const texts = chosen.map(({ target }) => target)
    const search = bm25(texts)
    record(figures, `${tongue}.bm25`, chosen, ({ query }) => search(query))
    const targets = texts.map((text) => embed(trainer.model, idsOf(text)).unit)
    record(figures, `${tongue}.token_vectors`, chosen, ({ query }) => {
      const { unit } = embed(trainer.model, idsOf(query))
      return Float64Array.from(targets, (target) => dot(unit, target))
    })
  }
  figures.finish()
}

function train(
  trainer: ContrastiveTrainer,
  pairs: readonly Pair[],
  idsOf: (text: string) => Uint32Array,
  seconds: number,
  random: () => number,
): { steps: number; loss: number } {
  const by = { en: pairs.filter(({ tongue }) => tongue === 'en'), zh: pairs.filter(({ tongue }) => tongue === 'zh') }
  const until = performance.now() + seconds * 1000
  let [steps, loss] = [0, 0]
  while (performance.now() < until) {
    // Negatives of the same language: telling the languages apart teaches nothing.
    const from = by[steps % 2 === 0 ? 'en' : 'zh']
    const drawn = Array.from({ length: batch }, () => from[Math.floor(random() * from.length)])
    const now = trainer.step(
      drawn.map(({ query }) => idsOf(query)),
      drawn.map(({ target }) => idsOf(target)),
    )
    loss = steps === 0 ? now : 0.98 * loss + 0.02 * now
    steps++
  }
  return { steps, loss }
}

function choose(pairs: readonly Pair[], wanted: Tongue, random: () => number): Pair[] {
  const all = pairs.filter(({ tongue }) => tongue === wanted)
  for (let at = all.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1))
    ;[all[at], all[other]] = [all[other], all[at]]
  }
  return all.slice(0, candidates)
}

function record(figures: Figures, name: string, pairs: readonly Pair[], scores: (pair: Pair) => Float64Array): void {
  const ranks = pairs.map((pair, right) => {
    const all = scores(pair)
    // Of equals, the right one is the last: a model that cannot tell has not found it.
    return all.reduce((before, score, at) => before + (at !== right && score >= all[right] ? 1 : 0), 0)
  })
  const within = (most: number) => ranks.filter((rank) => rank < most).length / pairs.length
  figures.record(`embed.${name}.recall_at_1`, within(1), `of ${pairs.length}`)
  figures.record(`embed.${name}.recall_at_10`, within(10), `of ${pairs.length}`)
}

/** Mulberry32 (public domain): numbers from 0 to 1, the same for the same seed. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
