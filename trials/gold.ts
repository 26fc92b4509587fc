/**
 * `npm run trials -- gold --model A --against B`: a judge that no reward model has a say in. Both models answer held-out
 * prompts of our generator, whose rules mark the answers; who meets more of a prompt's rules wins it. `--prompts 500`,
 * `--seed 1`, `--temperature 0`.
 */
import { parseArgs } from 'node:util'
import { type Check, judge } from '#data/judge'
import { type RuledPrompt, ruledPrompts } from '#data/prompts'
import { bootstrap, wilson } from '#exam/statistics'
import { ChatFormat, PromptTooLongError } from '#model/chat'
import { openDecoder } from '#model/decoder'
import { type Decoder, greedy } from '#model/decoding'
import { Tokenizer } from '#model/tokenizer'
import { Figures } from '#trials/figures'

const slots = 32
const answerTokens = 128

/** Share of a prompt's rules that an answer meets. */
export const marked = (rules: RuledPrompt['rules'], answer: string): number =>
  rules.filter((rule) => judge(rule as Check, answer).right).length / Math.max(1, rules.length)

export interface GoldResult {
  wins: number
  ties: number
  losses: number
  /** Wins and half of the ties, of all prompts, with the 95 % bootstrap interval. */
  rate: number
  low: number
  high: number
  /** Wins among the prompts that one of the two won, with Wilson's interval. */
  decided: { share: number; low: number; high: number }
}

/** Compares marks, prompt by prompt. */
export function compareMarks(own: readonly number[], other: readonly number[]): GoldResult {
  const points = own.map((mark, i) => (mark > other[i] ? 1 : mark < other[i] ? 0 : 0.5))
  const count = (value: number) => points.filter((point) => point === value).length
  const [wins, ties, losses] = [count(1), count(0.5), count(0)]
  const mean = (sample: readonly number[]) => sample.reduce((sum, point) => sum + point, 0) / sample.length
  const decided = wins + losses
  return {
    ...{ wins, ties, losses, rate: mean(points), ...bootstrap(points, mean) },
    decided: { share: decided === 0 ? 0.5 : wins / decided, ...wilson(wins, decided) },
  }
}

export interface GoldOptions {
  prompts: readonly RuledPrompt[]
  temperature: number
  seed: number
  /** Asks a base model, which knows no conversations, by a text that it goes on with; a line break ends its answer. */
  plainly?: (prompt: RuledPrompt) => string
}

/** The tokens that ask for an answer, with a quarter of the window left for it at least; null where they are too many. */
export function promptIds(chat: ChatFormat, { messages }: RuledPrompt, contextLength: number): Uint32Array | null {
  try {
    return chat.encodePrompt(messages, { contextLength, reserve: reserveOf(contextLength) }).ids
  } catch (error) {
    if (error instanceof PromptTooLongError) return null
    throw error
  }
}

const reserveOf = (contextLength: number): number => Math.min(answerTokens, contextLength >> 2)

/** The answers of the model in a folder; none, which is never right, to a prompt that its window has no room for. */
export async function answersOf(
  folder: string,
  { prompts, temperature, seed, plainly }: GoldOptions,
): Promise<string[]> {
  const tokenizer = await Tokenizer.open(folder)
  const chat = await ChatFormat.open(tokenizer, folder)
  const decoder = await openDecoder(folder, { slots, threads: 1 })
  const { contextLength } = decoder
  const plain = (text: string) =>
    Uint32Array.from(tokenizer.encode(text)).slice(reserveOf(contextLength) - contextLength)
  try {
    const texts = new Map<number, string>()
    const numbers = prompts.map((prompt, i) => {
      const ids = plainly ? plain(plainly(prompt)) : promptIds(chat, prompt, contextLength)
      if (!ids) return null
      return decoder.add({
        promptIds: ids,
        maxTokens: answerTokens,
        sampling: { ...greedy, temperature, seed: seed * 1_000_003 + i },
        stop: plainly ? ['\n'] : [],
        stopIds: [...chat.stopTokens],
        topLogprobs: null,
      })
    })
    await gather(decoder, texts)
    return numbers.map((number) => (number === null ? '' : (texts.get(number) ?? '')))
  } finally {
    await decoder.close()
  }
}

async function gather(decoder: Decoder, texts: Map<number, string>): Promise<void> {
  while (decoder.pending > 0)
    for (const { sequence, text } of await decoder.step()) texts.set(sequence, (texts.get(sequence) ?? '') + text)
}

export async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      model: { type: 'string' },
      against: { type: 'string' },
      prompts: { type: 'string', default: '500' },
      seed: { type: 'string', default: '1' },
      temperature: { type: 'string', default: '0' },
    },
    allowPositionals: true,
    strict: false,
  })
  const { model, against } = values
  if (typeof model !== 'string' || typeof against !== 'string')
    throw new RangeError('gold needs --model FOLDER and --against FOLDER')
  const count = Number(values.prompts)
  const seed = Number(values.seed)
  const temperature = Number(values.temperature)
  if (!Number.isInteger(count) || count < 1)
    throw new RangeError(`--prompts takes a whole number, not "${values.prompts}"`)
  const prompts = [...ruledPrompts({ seed, count, split: 'heldout' })]
  const marks: number[][] = []
  for (const folder of [model, against]) {
    const answers = await answersOf(folder, { prompts, temperature, seed })
    marks.push(answers.map((answer, i) => marked(prompts[i].rules, answer)))
  }
  const figures = new Figures(`npm run trials -- gold --model ${model} --against ${against} --prompts ${count}`)
  const result = compareMarks(marks[0], marks[1])
  figures.record('gold.prompts', count, 'held-out prompts')
  for (const [i, name] of ['model', 'against'].entries()) {
    const right = marks[i].filter((mark) => mark === 1).length
    const { low, high } = wilson(right, count)
    figures.record(
      `gold.${name} right`,
      (100 * right) / count,
      `% (95 %: ${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)})`,
    )
  }
  const between = (low: number, high: number) =>
    `% (95 %: ${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)}; chance 50)`
  figures.record('gold.win rate', 100 * result.rate, between(result.low, result.high))
  const { share, low, high } = result.decided
  figures.record('gold.win rate of decided', 100 * share, between(low, high))
  figures.note(`wins ${result.wins}, ties ${result.ties}, losses ${result.losses}`)
  figures.finish()
}
