/** Puts exchanges together into conversations: one skill, several skills, memory across other turns, a system message. */
import { arithmetic, comparing } from './arithmetic.ts'
import { correction, unclearInput } from './clarity.ts'
import { copying, formatting } from './copying.ts'
import { extraction, jsonOutput, summaries } from './extraction.ts'
import { greetings } from './greetings.ts'
import { identity } from './identity.ts'
import { knowledge, translation } from './knowledge.ts'
import { calendars, lists } from './lists.ts'
import { oneFact, recallAll, separateFacts, twoFacts, unknownFact, updatedFact } from './memory.ts'
import { plainSystem } from './plain-system.ts'
import { refusal } from './refusal.ts'
import type { Context, Exchange, Skill } from './skill.ts'
import { directed } from './system.ts'
import { writing } from './writing.ts'

export const skills: readonly Skill[] = [
  greetings,
  identity,
  copying,
  formatting,
  arithmetic,
  comparing,
  extraction,
  summaries,
  jsonOutput,
  lists,
  calendars,
  translation,
  ...knowledge,
  refusal,
  unclearInput,
  correction,
  writing,
]

const examWeights = skills.map(({ weight }) => weight)
const practiceWeights = skills.map(({ weight, practice }) => weight * (practice ?? 1))
const sum = (weights: readonly number[]) => weights.reduce((a, b) => a + b, 0)
const totals = { exam: sum(examWeights), practice: sum(practiceWeights) }

function drawSkill(context: Context): Skill {
  const weights = context.heldout ? examWeights : practiceWeights
  let place = context.random.next() * (context.heldout ? totals.exam : totals.practice)
  for (const [at, skill] of skills.entries()) {
    place -= weights[at]
    if (place < 0) return skill
  }
  return skills[0]
}

/** A conversation before its messages are written. */
export interface Draft {
  skill: string
  system: string | null
  exchanges: Exchange[]
}

function between(context: Context, count: number): Exchange[] {
  const exchanges: Exchange[] = []
  for (let i = 0; i < count; i++) exchanges.push(...drawSkill(context).make(context).slice(0, 2))
  return exchanges.slice(0, count)
}

function memory(context: Context): Exchange[] {
  const { random } = context
  const gap = () => between(context, random.pick([0, 1, 1, 2, 2, 3]))
  const opening = random.chance(0.15) ? greetings.make(context) : []
  switch (random.pick(['one', 'one', 'one', 'two', 'two', 'separate', 'update', 'all', 'unknown'])) {
    case 'one': {
      const fact = oneFact(context)
      return [...opening, fact.tell(), ...gap(), fact.recall()]
    }
    case 'two': {
      const [first, second] = random.shuffle(twoFacts(context))
      return [...opening, first.tell(), ...gap(), first.recall(), ...(random.chance(0.5) ? [second.recall()] : [])]
    }
    case 'separate': {
      const [first, second] = separateFacts(context)
      return [...opening, first.tell(), second.tell(), ...gap().slice(0, 2), random.pick([first, second]).recall()]
    }
    case 'update': {
      const [before, after] = updatedFact(context)
      return [before.tell(), ...gap().slice(0, 1), after.tell(), ...gap().slice(0, 2), after.recall()]
    }
    case 'all': {
      const { tells, recall } = recallAll(context, random.int(1, 3))
      return [...tells, ...gap().slice(0, 1), recall]
    }
    default:
      return [...opening, ...gap().slice(0, 1), unknownFact(context)]
  }
}

function undirected(context: Context): Omit<Draft, 'system'> {
  const kind = context.random.next()
  if (kind < 0.27) return { skill: 'memory', exchanges: memory(context) }
  if (kind < 0.5) return { skill: 'mixed', exchanges: between(context, context.random.int(2, 4)) }
  const skill = drawSkill(context)
  return { skill: skill.name, exchanges: skill.make(context) }
}

/** One conversation of the mix. */
export function compose(context: Context): Draft {
  const { random } = context
  if (random.chance(0.09)) return { skill: 'system', ...directed(context) }
  const system = random.chance(0.15) ? random.pick(context.in(plainSystem)) : null
  return { ...undirected(context), system }
}
