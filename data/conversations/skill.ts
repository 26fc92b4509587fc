/** What a topic of conversation is made of, and the context that every topic writes with. */
import type { Expectation } from '../judge.ts'
import { heldValue, invent, type ValueKind } from './invention.ts'
import { typed } from './noise.ts'
import type { Random } from './random.ts'
import { type Bilingual, expand, fill, type Language, type Wording } from './wording.ts'

export type Slots = Record<string, string | number>

/** One thing a person says, the reference answer, and what a right answer must satisfy. */
export interface Exchange {
  skill: string
  user: string
  /** The wording that was used, slots unfilled. */
  wording: string
  answer: string
  expect: Expectation[]
}

/** A way to make exchanges about one topic. `system` is a system message that the exchanges obey. */
export interface Skill {
  name: string
  /** Share of this skill among all skills, relative. */
  weight: number
  /** How many times as often it comes in training: what is harder to learn needs more of it. */
  practice?: number
  make(context: Context): Exchange[]
}

/** Slot values, one in six of them held out. */
export class Pool {
  readonly train: string[]
  readonly heldout: string[]
  readonly kind: ValueKind
  readonly language: Language

  constructor(values: readonly string[], kind: ValueKind) {
    this.kind = kind
    this.language = /\p{Script=Han}/u.test(values[0]) ? 'zh' : 'en'
    this.train = values.filter((value) => !heldValue(value))
    this.heldout = values.filter(heldValue)
    if (this.heldout.length === 0) this.heldout = this.train
  }
}

/** Share of a training conversation's values that no list holds. */
const inventedShare = 0.4

const replies = new Map<string, string[]>()

function expanded(pattern: string): string[] {
  let texts = replies.get(pattern)
  if (!texts) replies.set(pattern, (texts = expand(pattern)))
  return texts
}

/** Randomness, language and split of one conversation. */
export class Context {
  readonly random: Random
  readonly language: Language
  readonly heldout: boolean

  constructor(random: Random, language: Language, heldout: boolean) {
    this.random = random
    this.language = language
    this.heldout = heldout
  }

  in<T>(both: Bilingual<T>): T {
    return both[this.language]
  }

  /** A value of the split: training invents some; the held-out split draws half from the values that training uses. */
  draw(pool: Pool): string {
    if (!this.heldout && this.random.chance(inventedShare)) return this.invented(pool)
    return this.random.pick(this.heldout && this.random.chance(0.5) ? pool.heldout : pool.train)
  }

  private invented(pool: Pool): string {
    const value = invent(this.random, pool.language, pool.kind)
    return heldValue(value) ? this.invented(pool) : value
  }

  drawSome(pool: Pool, count: number): string[] {
    const chosen = new Set<string>()
    while (chosen.size < count) chosen.add(this.draw(pool))
    return [...chosen]
  }

  /** A filled wording as a person types it, and the wording itself. */
  say(source: Wording, slots: Slots = {}): { user: string; wording: string } {
    const wording = source.choose(this.random, this.language, this.heldout)
    return { user: fill(typed(this.random, this.language, wording, source.opens), slots).trim(), wording }
  }

  /** A text of a document: nobody types it, so it carries no noise. */
  fillText(text: string, slots: Slots): string {
    return fill(text, slots)
  }

  /** An answer from reply patterns. */
  reply(patterns: Bilingual<readonly string[]>, slots: Slots = {}): string {
    return fill(this.random.pick(expanded(this.random.pick(patterns[this.language]))), slots)
  }

  ask(skill: string, source: Wording, slots: Slots, answer: string, expect: Expectation[]): Exchange {
    return { skill, ...this.say(source, slots), answer, expect }
  }
}

/** A question whose answer does not depend on slots. */
export interface Intent {
  skill: string
  ask: Wording
  reply: Bilingual<readonly string[]>
  expect: Bilingual<Expectation[]>
}

export function answerIntent(context: Context, intent: Intent): Exchange {
  return context.ask(intent.skill, intent.ask, {}, context.reply(intent.reply), context.in(intent.expect))
}
