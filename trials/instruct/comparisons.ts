/**
 * What labellers do in InstructGPT: the policy that is to be improved answers each prompt several times, and its answers are
 * ranked, here by whether the generator's rules hold. A reward model that has seen only invented mistakes knows nothing of those that
 * this policy makes.
 */
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { writeDurably } from '#data/durable'
import { ruledPrompts } from '#data/prompts'
import { answersOf, marked } from '#trials/gold'

export interface ComparisonOptions {
  /** The policy. */
  model: string
  /** Where comparisons.jsonl goes. */
  folder: string
  prompts: number
  /** Answers to each, beside the reference. */
  samples: number
  /** Of the training prompts: those that the policy was never shown. */
  seed: number
}

/** Writes the rankings; a file that is there stays. Returns its path. */
export async function writeComparisons({ model, folder, prompts: count, samples, seed }: ComparisonOptions) {
  const path = join(folder, 'comparisons.jsonl')
  if (existsSync(path)) return path
  const prompts = [...ruledPrompts({ seed, count, split: 'train' })]
  const asked = prompts.flatMap((prompt) => new Array<(typeof prompts)[number]>(samples).fill(prompt))
  const answers = await answersOf(model, { prompts: asked, temperature: 1, seed })
  const lines = prompts.flatMap(({ messages, answer, rules }, i) => {
    const own = answers.slice(i * samples, (i + 1) * samples).filter((text) => text.trim() !== '')
    const graded = [answer, ...new Set(own.filter((text) => text !== answer))]
      .map((text) => ({ text, grade: Number(marked(rules, text) === 1) }))
      .sort((a, b) => b.grade - a.grade)
    // Where all are alike there is nothing to compare.
    if (graded.length < 2 || graded[0].grade === graded[graded.length - 1].grade) return []
    return [JSON.stringify({ messages, ranked: graded.map((g) => g.text), grades: graded.map((g) => g.grade) })]
  })
  mkdirSync(folder, { recursive: true })
  writeDurably(path, `${lines.join('\n')}\n`)
  return path
}
