import type { Likelihood } from '../examinee.ts'
import type { Item } from '../item.ts'
import type { Asker, Response } from '../method.ts'
import { continuationsOf, letters, optionsIn } from '../questions.ts'
import { type Normalisation, normalisations, type Task } from '../task.ts'

/** How an option is chosen, for all kinds in which one is. */

/** The words before an option where no question stands: GPT-3's way of asking how likely it is of itself (Brown et al. 2020, 2.4). */
export function unconditionalOf(task: Task): string | null {
  if (task.unconditional !== undefined) return task.unconditional
  if (task.style === 'letter') return null
  return task.language === 'zh' ? '答案：' : 'Answer:'
}

export async function askChoice(item: Item, task: Task, asker: Asker): Promise<Response> {
  if (task.by === 'words') return { written: [await asker.write(item)] }
  const continuations = continuationsOf(item, task)
  const scores = [await asker.score(item, continuations)]
  const alone = unconditionalOf(task)
  if (alone !== null) scores.push(await asker.scoreAfter(alone, continuations))
  return { scores }
}

/** The scores of each option, by each normalisation that there is. */
export function optionScores(
  item: Item,
  task: Task,
  [given, alone]: readonly Likelihood[][],
): Partial<Record<Normalisation, number[]>> {
  const texts = (item.options ?? []).map((option, i) => (task.style === 'letter' ? letters[i] : option))
  const scores: Partial<Record<Normalisation, number[]>> = {
    raw: given.map(({ logprob }) => logprob),
    token: given.map(({ logprob, tokens }) => logprob / Math.max(1, tokens)),
    byte: given.map(({ logprob }, i) => logprob / Math.max(1, Buffer.byteLength(texts[i]))),
  }
  if (alone) scores.unconditional = given.map(({ logprob }, i) => logprob - alone[i].logprob)
  return scores
}

/** The highest; the first of equals, as NumPy's argmax. */
export function highest(scores: readonly number[], among: (option: number) => boolean = () => true): number {
  let best = -1
  for (const [option, score] of scores.entries()) if (among(option) && (best < 0 || score > scores[best])) best = option
  return best
}

export interface Chosen {
  /** By the task's own normalisation; −1 where nothing was chosen. */
  option: number
  /** All that were named, for questions with several right answers. */
  options: number[]
  said: string
  /** The option by each normalisation. */
  by: Partial<Record<Normalisation, number>>
  /** Shares of the options among themselves. */
  shares: number[] | null
}

export function chosenIn(item: Item, task: Task, response: Response, among?: (option: number) => boolean): Chosen {
  if (response.written) {
    const said = response.written[0].text
    const named = optionsIn(said, item.options ?? [])
    return { option: named.length === 1 ? named[0] : -1, options: named, said, by: {}, shares: null }
  }
  const scores = optionScores(item, task, response.scores ?? [[]])
  const by = Object.fromEntries(
    normalisations.filter((each) => scores[each]).map((each) => [each, highest(scores[each] ?? [], among)]),
  )
  const option = by[task.normalise] ?? -1
  const name = task.style === 'letter' ? letters[option] : item.options?.[option]
  return { option, options: [option], said: name ?? '', by, shares: softmax(scores.raw ?? []) }
}

export function softmax(scores: readonly number[]): number[] {
  const peak = Math.max(...scores)
  const masses = scores.map((score) => Math.exp(score - peak))
  const sum = masses.reduce((a, b) => a + b, 0)
  return masses.map((mass) => mass / sum)
}

export const rightNames = (item: Item): string =>
  (item.right ?? []).map((at) => `${letters[at]}. ${item.options?.[at] ?? ''}`).join(' / ')
