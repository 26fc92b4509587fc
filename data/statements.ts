/**
 * Plain text for pre-training, made from the generator's own vocabulary: number facts, lists, descriptions, questions with
 * answers, word pairs. It lets a machine without any corpus train from nothing. The licence and the source are those that
 * `#data/conversations` exports.
 */
import { proseTopics } from './conversations/prose.ts'
import { Random } from './conversations/random.ts'
import { Context } from './conversations/skill.ts'

export interface Statement {
  id: string
  language: 'en' | 'zh'
  topic: string
  text: string
}

export interface StatementOptions {
  seed: number
  count: number
  /** `both` (default) alternates English and Chinese. */
  language?: 'en' | 'zh' | 'both'
}

/** Yields `count` documents of a few lines each; only wordings, names and sums of the training split occur in them. */
export function* statements(options: StatementOptions): Generator<Statement> {
  const { seed, count, language = 'both' } = options
  for (let i = 0; i < count; i++) {
    const one = language === 'both' ? (i % 2 === 0 ? 'en' : 'zh') : language
    const id = `statement-${seed}-${one}-${i}`
    const context = new Context(new Random(id), one, false)
    const topic = context.random.pick(proseTopics)
    yield { id, language: one, topic: topic.name, text: topic.write(context) }
  }
}
