/**
 * Bilingual conversations that this repository makes itself, for supervised fine-tuning and for measuring. Every sentence is
 * written by the Dotline authors; nothing is copied from a data set.
 */
import { compose, type Draft } from './conversations/compose.ts'
import { Random } from './conversations/random.ts'
import { Context, type Exchange } from './conversations/skill.ts'
import type { Check, Expectation } from './judge.ts'

/** SPDX identifier of all generated text. */
export const generatorLicence = 'Apache-2.0'
/** The source that a manifest names for generated text. */
export const generatorSource = 'dotline/data/conversations'

export interface GeneratedMessage {
  role: 'system' | 'user' | 'assistant'
  content: string
}

/** Where a user message comes from. */
export interface GeneratedTurn {
  /** Index of the assistant's reference answer among the messages. */
  turn: number
  skill: string
  /** The wording as declared, slots unfilled. */
  wording: string
}

export interface GeneratedConversation {
  id: string
  language: 'en' | 'zh'
  /** The skill it is about, `memory`, `system` or `mixed`. */
  skill: string
  messages: GeneratedMessage[]
  checks: Check[]
  turns: GeneratedTurn[]
}

export interface ConversationOptions {
  seed: number
  count: number
  /** `both` (default) alternates English and Chinese. */
  language?: 'en' | 'zh' | 'both'
  /** `heldout` uses wordings, names, sums and items that `train` never uses. */
  split: 'train' | 'heldout'
}

/** The rules that hold for every answer of the exchange. */
function expectations(exchange: Exchange, language: 'en' | 'zh'): Expectation[] {
  const free = exchange.expect.some((one) => one.kind === 'exact' || one.kind === 'json' || one.kind === 'language')
  const latin = language === 'zh' && !/\p{Script=Han}/u.test(exchange.answer)
  const foreign = language === 'en' && /\p{Script=Han}/u.test(exchange.answer)
  return [
    ...exchange.expect,
    ...(free || latin || foreign ? [] : [{ kind: 'language' as const, value: language }]),
    { kind: 'length', max: Math.max(120, 3 * [...exchange.answer].length) },
  ]
}

function write(draft: Draft, id: string, language: 'en' | 'zh'): GeneratedConversation {
  const messages: GeneratedMessage[] = draft.system === null ? [] : [{ role: 'system', content: draft.system }]
  const checks: Check[] = []
  const turns: GeneratedTurn[] = []
  for (const exchange of draft.exchanges) {
    messages.push({ role: 'user', content: exchange.user }, { role: 'assistant', content: exchange.answer })
    const turn = messages.length - 1
    turns.push({ turn, skill: exchange.skill, wording: exchange.wording })
    checks.push(...expectations(exchange, language).map((one) => ({ ...one, turn })))
  }
  return { id, language, skill: draft.skill, messages, checks, turns }
}

/** Yields `count` conversations; the same options give the same conversations on every machine. */
export function* conversations(options: ConversationOptions): Generator<GeneratedConversation> {
  const { seed, count, split, language = 'both' } = options
  for (let i = 0; i < count; i++) {
    const one = language === 'both' ? (i % 2 === 0 ? 'en' : 'zh') : language
    const id = `${split}-${seed}-${one}-${i}`
    yield write(compose(new Context(new Random(id), one, split === 'heldout')), id, one)
  }
}
