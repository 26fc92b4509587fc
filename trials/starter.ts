import { parseArgs } from 'node:util'
import { conversations, type GeneratedConversation, type GeneratedMessage } from '#data/conversations'
import { writeDurably } from '#data/durable'
import { judge } from '#data/judge'
import { wilson } from '#exam/statistics'
import { Figures } from '#trials/figures'

/** Answers a conversation's messages, the last of which is the person's; deterministic (temperature 0). */
export type Ask = (messages: GeneratedMessage[]) => Promise<string>

export interface MeasureOptions {
  /** Held-out conversations of each language. */
  perLanguage: number
  seed: number
  /** Conversations that are held at the same time (default 8). */
  concurrency?: number
}

/** A held-out conversation with the answers of the model in place of the reference answers. */
export interface JudgedConversation {
  conversation: GeneratedConversation
  messages: GeneratedMessage[]
  /** The rules that were not met, by message index. */
  failures: { turn: number; skill: string; reason: string }[]
  right: boolean
}

export interface Share {
  right: number
  of: number
  share: number
  /** 95 % Wilson interval. */
  low: number
  high: number
}

export interface Measurement {
  judged: JudgedConversation[]
  languages: Record<'en' | 'zh', Share>
  /** Shares of single answers by skill, and of whole conversations by their kind. */
  skills: Record<string, Share>
  kinds: Record<string, Share>
}

/** The share with its 95 % interval. */
export function shareOf(right: number, of: number): Share {
  return { right, of, share: of === 0 ? 0 : right / of, ...wilson(right, of) }
}

async function hold(conversation: GeneratedConversation, ask: Ask): Promise<JudgedConversation> {
  const messages: GeneratedMessage[] = []
  for (const message of conversation.messages) {
    const own = message.role === 'assistant'
    messages.push(own ? { role: 'assistant', content: await ask([...messages]) } : message)
  }
  const skillOf = new Map(conversation.turns.map(({ turn, skill }) => [turn, skill]))
  const failures = conversation.checks.flatMap((check) => {
    const { right, reason } = judge(check, messages[check.turn].content)
    return right ? [] : [{ turn: check.turn, skill: skillOf.get(check.turn) ?? conversation.skill, reason }]
  })
  return { conversation, messages, failures, right: failures.length === 0 }
}

function shares(entries: [name: string, right: boolean][]): Record<string, Share> {
  const counts = new Map<string, { right: number; of: number }>()
  for (const [name, right] of entries) {
    const count = counts.get(name) ?? { right: 0, of: 0 }
    counts.set(name, { right: count.right + Number(right), of: count.of + 1 })
  }
  return Object.fromEntries([...counts].sort().map(([name, { right, of }]) => [name, shareOf(right, of)]))
}

/**
 * Holds held-out conversations turn by turn, the model's own earlier answers in the history, and judges every answer by the
 * generator's rules. A conversation is right when all its rules are met. The mix of skills is the generator's own.
 */
export async function measureConversations(ask: Ask, options: MeasureOptions): Promise<Measurement> {
  const { perLanguage, seed, concurrency = 8 } = options
  const waiting = (['en', 'zh'] as const).flatMap((language) => [
    ...conversations({ seed, count: perLanguage, language, split: 'heldout' }),
  ])
  const judged = new Array<JudgedConversation>(waiting.length)
  let next = 0
  const worker = async () => {
    while (next < waiting.length) {
      const place = next++
      judged[place] = await hold(waiting[place], ask)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  const byLanguage = shares(judged.map((one) => [one.conversation.language, one.right]))
  return {
    judged,
    languages: { en: byLanguage.en ?? shareOf(0, 0), zh: byLanguage.zh ?? shareOf(0, 0) },
    skills: shares(
      judged.flatMap((one) =>
        one.conversation.turns.map(({ turn, skill }): [string, boolean] => [
          `${skill} ${one.conversation.language}`,
          !one.failures.some((failure) => failure.turn === turn),
        ]),
      ),
    ),
    kinds: shares(judged.map((one) => [`${one.conversation.skill} ${one.conversation.language}`, one.right])),
  }
}

/** The endpoint refused, or what it sent is no chat completion. */
export class EndpointError extends Error {
  override name = 'EndpointError'
}

/** An `Ask` over an OpenAI-compatible endpoint; without a model's name it takes the first one that the endpoint lists. */
export async function endpoint(url: string, model?: string): Promise<Ask> {
  const base = url.replace(/\/$/, '')
  const chosen = model ?? (await call<{ data: { id: string }[] }>(`${base}/models`)).data[0]?.id
  if (!chosen) throw new EndpointError(`${base}/models lists no model; name one with --model.`)
  return async (messages) => {
    const body = { model: chosen, messages, temperature: 0, max_tokens: 256 }
    const answer = await call<{ choices: { message: { content: string | null } }[] }>(`${base}/chat/completions`, body)
    return answer.choices[0]?.message.content ?? ''
  }
}

async function call<T>(url: string, body?: object): Promise<T> {
  const request = body
    ? { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    : {}
  const response = await fetch(url, { ...request, signal: AbortSignal.timeout(120_000) }).catch((cause: unknown) => {
    throw new EndpointError(`Nothing answers at ${url}; start a server (npm start) or name another one with --url.`, {
      cause,
    })
  })
  const text = await response.text()
  if (!response.ok) throw new EndpointError(`${url} answered ${response.status}: ${text.slice(0, 300)}`)
  return JSON.parse(text) as T
}

const percent = (value: number) => `${(100 * value).toFixed(1)} %`

/** One line a share: name, right of all, share and interval. */
export function table(title: string, rows: Record<string, Share>): string {
  const width = Math.max(title.length, ...Object.keys(rows).map((name) => name.length))
  const lines = Object.entries(rows).map(
    ([name, one]) =>
      `${name.padEnd(width)}  ${String(one.right).padStart(4)} of ${String(one.of).padEnd(4)}  ${percent(one.share).padStart(7)}  (${percent(one.low)} to ${percent(one.high)})`,
  )
  return [title, ...lines].join('\n')
}

function transcript(one: JudgedConversation): string {
  const marks = (turn: number) =>
    one.failures
      .filter((failure) => failure.turn === turn)
      .map(({ reason }) => `\n    ✗ ${reason}`)
      .join('')
  const lines = one.messages.map((message, i) => `${message.role}: ${message.content}${marks(i)}`)
  return `## ${one.conversation.id} (${one.conversation.skill})\n${lines.join('\n')}\n`
}

function writeFailures(path: string, judged: JudgedConversation[]): void {
  const wrong = judged.filter((one) => !one.right)
  writeDurably(path, wrong.map(transcript).join('\n'))
}

/**
 * Measures a running OpenAI-compatible endpoint on held-out conversations: `--url` (http://127.0.0.1:8787/v1), `--model`,
 * `--count` per language (100), `--seed` (1), `--concurrency` (8), `--failures FILE` writes the transcripts that were not right.
 */
export async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    strict: false,
    options: {
      url: { type: 'string', default: 'http://127.0.0.1:8787/v1' },
      model: { type: 'string' },
      count: { type: 'string', default: '100' },
      seed: { type: 'string', default: '1' },
      concurrency: { type: 'string', default: '8' },
      failures: { type: 'string' },
    },
  })
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined)
  const ask = await endpoint(text(values.url) ?? '', text(values.model))
  const figures = new Figures('npm run trials -- starter')
  const result = await measureConversations(ask, {
    perLanguage: wholeNumber('count', values.count),
    seed: wholeNumber('seed', values.seed),
    concurrency: wholeNumber('concurrency', values.concurrency),
  })
  report(figures, result)
  const failures = text(values.failures)
  if (failures) writeFailures(failures, result.judged)
  figures.finish()
}

/** Prints the tables and records the figures of a measurement. */
export function report(figures: Figures, result: Measurement): void {
  console.log(table('answers by skill', result.skills))
  console.log(table('conversations by kind', result.kinds))
  for (const language of ['en', 'zh'] as const) {
    const { share, low, high, right, of } = result.languages[language]
    figures.record(`starter.right.${language}`, share, 'share', { op: '>=', value: 0.7 })
    figures.note(
      `starter ${language}: ${right} of ${of} held-out conversations, 95 % interval ${percent(low)} to ${percent(high)}`,
    )
  }
}

function wholeNumber(option: string, value: unknown): number {
  const number = Number(value)
  if (!Number.isSafeInteger(number) || number < 1)
    throw new RangeError(`--${option} ${value} is not a positive whole number`)
  return number
}
