/**
 * Rule-graded preferences over our own conversations: to a prompt, the reference answer, which its rules find right, and
 * answers that they find wrong. What is wrong with them is what small models get wrong: another fact, a number that is off,
 * the answer to another question, the other language, a refusal, a loop.
 */
import { conversations, type GeneratedConversation } from '#data/conversations'
import type { ChatMessage, Document } from '#data/document'
import { type Check, judge } from '#data/judge'
import { Random } from './conversations/random.ts'

export interface PreferenceOptions {
  seed: number
  /** Prompts. */
  count: number
  split: 'train' | 'heldout'
  /** Most wrong answers of a prompt (default 3). */
  wrong?: number
}

export type Flaw = 'fact' | 'number' | 'other' | 'elsewhere' | 'language' | 'refusal' | 'loop' | 'cut'

export interface GradedPreference {
  id: string
  language: 'en' | 'zh'
  skill: string
  prompt: ChatMessage[]
  /** The right answer, then wrong ones, each with what is wrong with it. */
  right: string
  wrong: { answer: string; flaw: Flaw }[]
}

const grades = { right: 1, wrong: 0 } as const

/** An answer from another conversation, to be wrong here. */
interface Other {
  answer: string
  skill: string
  language: 'en' | 'zh'
  /** What its rules ask for: facts to be put in place of this prompt's. */
  values: string[]
}

const remembered = 24

/** Answers seen lately, by language and skill. */
class Others {
  readonly #seen = new Map<string, Other[]>()

  add(other: Other): void {
    for (const key of [`${other.language} ${other.skill}`, other.language]) {
      const list = this.#seen.get(key) ?? []
      this.#seen.set(key, list)
      list.push(other)
      if (list.length > remembered) list.shift()
    }
  }

  of(language: 'en' | 'zh', skill?: string): Other[] {
    return this.#seen.get(skill === undefined ? language : `${language} ${skill}`) ?? []
  }
}

const refusals = {
  en: ['I cannot help with that.', 'Sorry, I am not able to answer that.', 'I do not know.'],
  zh: ['这个我帮不上忙。', '抱歉，我不能回答这个问题。', '我不知道。'],
}

/** Yields `count` prompts with their answers; the same options give the same ones on every machine. */
export function* gradedPreferences(options: PreferenceOptions): Generator<GradedPreference> {
  const { seed, count, split, wrong = 3 } = options
  const others = new Others()
  let made = 0
  // The first conversations only fill the store that wrong answers come from.
  for (const conversation of conversations({ seed, count: Number.MAX_SAFE_INTEGER, split })) {
    const random = new Random(`preference/${conversation.id}`)
    const one = prefer(conversation, others, random, wrong)
    if (one && made++ < count) yield one
    if (made >= count) return
  }
}

/** The same as documents of a corpus. */
export function* preferenceDocuments(
  options: PreferenceOptions,
  from: { source: string; licence: string },
): Generator<Document> {
  const answer = (content: string): ChatMessage[] => [{ role: 'assistant', content }]
  for (const { id, prompt, right, wrong } of gradedPreferences(options))
    yield {
      ...from,
      origin: `preference ${id}`,
      preference: {
        prompt,
        ranked: [answer(right), ...wrong.map((one) => answer(one.answer))],
        grades: [grades.right, ...wrong.map(() => grades.wrong)],
      },
    }
}

function prefer(
  conversation: GeneratedConversation,
  others: Others,
  random: Random,
  wanted: number,
): GradedPreference | null {
  const { id, language, messages } = conversation
  const { turn, skill } = random.pick(conversation.turns)
  const checks = conversation.checks.filter((check) => check.turn === turn)
  const right = messages[turn].content
  const all = candidates({ right, checks, skill, language }, others, random)
  const wrong: GradedPreference['wrong'] = []
  for (const one of all) {
    if (wrong.length === wanted) break
    const fresh = wrong.every(({ answer }) => answer !== one.answer) && one.answer !== right
    if (fresh && one.answer.trim() !== '' && !isRight(checks, one.answer)) wrong.push(one)
  }
  for (const told of conversation.turns)
    others.add({
      answer: messages[told.turn].content,
      skill: told.skill,
      language,
      values: valuesOf(conversation.checks.filter((check) => check.turn === told.turn)),
    })
  if (wrong.length === 0 || !isRight(checks, right)) return null
  return { id, language, skill, prompt: messages.slice(0, turn), right, wrong }
}

const isRight = (checks: readonly Check[], answer: string): boolean =>
  checks.every((check) => judge(check, answer).right)

const valuesOf = (checks: readonly Check[]): string[] =>
  checks.flatMap((check) =>
    check.kind === 'any' || check.kind === 'all' || check.kind === 'order' ? check.values : [],
  )

interface Asked {
  right: string
  checks: readonly Check[]
  skill: string
  language: 'en' | 'zh'
}

/** Possibly wrong answers, the hardest to tell from right ones in front, then in random order. */
function candidates(asked: Asked, others: Others, random: Random): { answer: string; flaw: Flaw }[] {
  const { right, language, skill } = asked
  const same = random.shuffle(others.of(language, skill))
  const elsewhere = random.shuffle(others.of(language).filter((other) => other.skill !== skill))
  const foreign = random.shuffle(others.of(language === 'en' ? 'zh' : 'en', skill))
  const facts = same.flatMap((other) => replaced(asked, other, random))
  const hard: { answer: string | null; flaw: Flaw }[] = [
    { answer: facts[0] ?? null, flaw: 'fact' },
    { answer: otherNumber(right, random), flaw: 'number' },
    { answer: same[0]?.answer ?? null, flaw: 'other' },
  ]
  const easy: { answer: string | null; flaw: Flaw }[] = [
    { answer: elsewhere[0]?.answer ?? null, flaw: 'elsewhere' },
    { answer: foreign[0]?.answer ?? null, flaw: 'language' },
    { answer: random.pick(refusals[language]), flaw: 'refusal' },
    { answer: looped(right, language), flaw: 'loop' },
    { answer: [...right].slice(0, Math.ceil([...right].length / 3)).join(''), flaw: 'cut' },
    { answer: same[1]?.answer ?? null, flaw: 'other' },
  ]
  const mixed = random.shuffle(easy)
  return [random.pick(hard), ...mixed.slice(0, 1), ...random.shuffle([...hard, ...mixed.slice(1)])].flatMap(
    ({ answer, flaw }) => (answer === null ? [] : [{ answer, flaw }]),
  )
}

/** The right answer with a fact of another one in place of its own. */
function replaced({ right, checks }: Asked, other: Other, random: Random): string[] {
  const own = valuesOf(checks).filter((value) => right.includes(value))
  if (own.length === 0 || other.values.length === 0) return []
  const value = random.pick(own)
  const strange = random.pick(other.values)
  return strange === value ? [] : [right.replaceAll(value, strange)]
}

/** The right answer with its last number changed a little. */
function otherNumber(right: string, random: Random): string | null {
  const found = [...right.matchAll(/\d+/g)].at(-1)
  if (!found) return null
  const before = Number(found[0])
  const by = random.pick([1, 1, 2, 3, 10]) * (random.chance(0.5) && before > 10 ? -1 : 1)
  return right.slice(0, found.index) + String(before + by) + right.slice(found.index + found[0].length)
}

/** The beginning said again and again, as models do that have lost their way. */
function looped(right: string, language: 'en' | 'zh'): string {
  const clause = /^[^.!?。！？\n]{1,40}/u.exec(right)?.[0].trim() ?? right
  const times = Math.ceil(Math.max(160, 4 * [...right].length) / Math.max(1, [...clause].length))
  return Array.from({ length: Math.min(times, 40) }, () => clause).join(language === 'en' ? ' ' : '，')
}
