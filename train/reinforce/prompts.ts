/** Prompts that a policy answers, from the ranked answers of a run's data. */
import type { Expectation } from '#data/judge'
import type { PreferenceFile } from '#data/preference-file'
import { mix, permuted } from '#data/shuffle'
import { RunConfigError } from '../run-config-error.ts'

export interface Prompt {
  ids: Uint32Array
  rules: readonly Expectation[]
}

/** Every prompt of the files that leaves room for an answer. */
export function promptsOf(
  files: readonly PreferenceFile[],
  longest: number,
  most = Number.POSITIVE_INFINITY,
): Prompt[] {
  const prompts: Prompt[] = []
  for (const file of files)
    for (let i = 0; i < file.prompts && prompts.length < most; i++) {
      const [{ ids, mask }] = file.group(i, 1)
      const end = mask.indexOf(1)
      if (end > 0 && end <= longest) prompts.push({ ids: Uint32Array.from(ids.subarray(0, end)), rules: file.rules(i) })
    }
  return prompts
}

/** The prompts of an iteration: each pass shows every one once, in an order of its own. */
export function promptsAt(prompts: readonly Prompt[], iteration: number, count: number, seed: number): Prompt[] {
  if (prompts.length === 0)
    throw new RunConfigError('data: no prompt leaves room for an answer: raise sequence or lower answerTokens')
  return Array.from({ length: count }, (_, i) => {
    const drawn = iteration * count + i
    const pass = Math.floor(drawn / prompts.length)
    return prompts[permuted(drawn % prompts.length, prompts.length, mix(seed, pass))]
  })
}
