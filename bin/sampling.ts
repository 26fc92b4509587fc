import type { GenerationRequest } from '#serve/engine'
import { limits } from '#wire/limits'
import { number } from './command.ts'

/** Flags of commands that make a model write. */
export const samplingOptions = {
  temperature: { type: 'string' },
  'top-k': { type: 'string' },
  'top-p': { type: 'string' },
  'min-p': { type: 'string' },
  'repetition-penalty': { type: 'string' },
  'presence-penalty': { type: 'string' },
  'frequency-penalty': { type: 'string' },
  seed: { type: 'string' },
  'max-tokens': { type: 'string' },
  stop: { type: 'string', multiple: true },
} as const

type Values = { readonly [Key in keyof typeof samplingOptions]?: string | string[] }
type Wish = Pick<GenerationRequest, 'sampling' | 'maxTokens' | 'stop'>

/** What the flags ask for; what they leave out is the model's own default. Throws UsageError naming the flag. */
export function samplingOf(values: Values): Wish {
  const read = (name: Exclude<keyof Values, 'stop'>, bounds: Parameters<typeof number>[2]): number | null =>
    number(name, values[name] as string | undefined, bounds) ?? null
  const penalty = { min: -limits.penalty, max: limits.penalty }
  return {
    maxTokens: read('max-tokens', { min: 1, max: limits.maxTokens, whole: true }),
    stop: [values.stop ?? []].flat(),
    sampling: {
      temperature: read('temperature', { min: 0, max: limits.temperature }),
      topK: read('top-k', { min: 0, max: limits.topK, whole: true }),
      topP: read('top-p', { min: 0, max: 1 }),
      minP: read('min-p', { min: 0, max: 1 }),
      repetitionPenalty: read('repetition-penalty', {
        min: limits.repetitionPenaltyMin,
        max: limits.repetitionPenaltyMax,
      }),
      presencePenalty: read('presence-penalty', penalty),
      frequencyPenalty: read('frequency-penalty', penalty),
      logitBias: new Map(),
      seed: read('seed', { min: 0, max: 2 ** 32 - 1, whole: true }) ?? Math.floor(Math.random() * 2 ** 32),
    },
  }
}
