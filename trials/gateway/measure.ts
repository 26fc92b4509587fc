/** What a gateway adds: the same load sent to it and straight to what is behind it, in turns. */
import { type Load, type LoadReport, median, openLoad } from '../load/open-loop.ts'

export interface Target {
  /** Up to and with `/v1`. */
  url: string
  key: string
  /** What else it has to be told. */
  headers?: Record<string, string>
}

export interface Asking {
  model: string
  stream: boolean
  seconds: number
  warmSeconds: number
}

export type Quantile = 'p50' | 'p95' | 'p99'
export const quantiles: readonly Quantile[] = ['p50', 'p95', 'p99']

export function loadOn(
  { url, key, headers }: Target,
  { model, stream, seconds, warmSeconds }: Asking,
  perSecond: number,
): Load {
  const messages = [
    { role: 'system', content: 'You are a helpful assistant. 请用用户的语言回答。' },
    { role: 'user', content: 'Write two sentences about the history of the printing press, and one about its ink.' },
  ]
  return {
    url: `${url}/chat/completions`,
    headers: { authorization: `Bearer ${key}`, ...headers },
    body: { model, messages, max_tokens: 64, ...(stream && { stream }) },
    perSecond,
    seconds,
    warmSeconds,
    ...(stream && { ends: '[DONE]' }),
  }
}

export interface Added {
  /** Milliseconds until the last byte that it takes longer, of the median round. */
  last: Record<Quantile, number>
  /** The same until the first byte of the answer. */
  first: Record<Quantile, number>
  straight: LoadReport
  through: LoadReport
  failed: number
}

/** Straight and through, in turns; of the differences of quantiles in each round, the median. */
export async function measureAdded(
  straight: Target,
  through: Target,
  asking: Asking,
  perSecond: number,
  rounds: number,
): Promise<Added> {
  const pairs: { straight: LoadReport; through: LoadReport }[] = []
  for (let round = 0; round < rounds; round++) {
    const seed = 10 + round
    const run = (target: Target) => openLoad({ ...loadOn(target, asking, perSecond), seed })
    // Whoever goes first meets another machine than whoever goes second.
    const first = round % 2 === 0
    const one = await run(first ? straight : through)
    const other = await run(first ? through : straight)
    pairs.push(first ? { straight: one, through: other } : { straight: other, through: one })
  }
  const of = (what: 'first' | 'last') =>
    Object.fromEntries(
      quantiles.map((each) => [
        each,
        median(pairs.map((pair) => pair.through[what][each] - pair.straight[what][each])),
      ]),
    ) as Record<Quantile, number>
  const failed = pairs.reduce((sum, pair) => sum + pair.through.asked - pair.through.answered, 0)
  return { last: of('last'), first: of('first'), ...pairs.at(-1)!, failed }
}
