/**
 * Prompts of our own conversations for a policy to answer, each with the rules that mark an answer and a reference answer.
 * The licence and the source are those that `#data/conversations` exports.
 */
import { conversations } from '#data/conversations'
import type { ChatMessage, Document } from '#data/document'
import type { Expectation } from '#data/judge'
import { Random } from './conversations/random.ts'

export interface RuledPrompt {
  id: string
  language: 'en' | 'zh'
  skill: string
  messages: ChatMessage[]
  /** A right answer. */
  answer: string
  rules: Expectation[]
}

export interface PromptOptions {
  seed: number
  count: number
  /** `heldout` uses wordings, names, sums and items that `train` never uses. */
  split: 'train' | 'heldout'
}

/** Yields `count` prompts, one of each conversation; the same options give the same ones on every machine. */
export function* ruledPrompts({ seed, count, split }: PromptOptions): Generator<RuledPrompt> {
  for (const { id, language, messages, turns, checks } of conversations({ seed, count, split })) {
    const { turn, skill } = new Random(`prompt/${id}`).pick(turns)
    yield {
      id: `${id}/${turn}`,
      language,
      skill,
      messages: messages.slice(0, turn),
      answer: messages[turn].content,
      rules: checks.flatMap(({ turn: of, ...rule }) => (of === turn ? [rule] : [])),
    }
  }
}

/** The same as documents of a corpus: a prompt with one answer, and the rules. */
export function* promptDocuments(
  options: PromptOptions,
  from: { source: string; licence: string },
): Generator<Document> {
  for (const { id, messages, answer, rules } of ruledPrompts(options))
    yield {
      ...from,
      origin: `prompt ${id}`,
      preference: { prompt: messages, ranked: [[{ role: 'assistant', content: answer }]], grades: [1], rules },
    }
}
