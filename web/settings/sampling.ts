import { limits } from '#wire/limits'

/** How the model picks its words; null leaves a setting to the model's own default. */
export interface Sampling {
  temperature: number | null
  topP: number | null
  maxTokens: number | null
  seed: number | null
  system: string
}

export const ownSampling: Sampling = { temperature: null, topP: null, maxTokens: null, seed: null, system: '' }

/** What the page lets a person set; the server has the last word. */
export const bounds = {
  temperature: { min: 0, max: limits.temperature, step: 0.05, start: 0.7 },
  topP: { min: 0.05, max: 1, step: 0.05, start: 0.9 },
  maxTokens: { min: 1, max: limits.maxTokens },
  seed: { min: 0, max: 2_147_483_647 },
} as const

type NumberField = keyof typeof bounds

/** True where a setting differs from the model's own. */
export function isChanged(sampling: Sampling): boolean {
  return sampling.system.trim() !== '' || numberFields.some((field) => sampling[field] !== null)
}

/** Reads settings that were kept earlier; what is missing, of another type or out of bounds is left to the model. */
export function readSampling(value: unknown): Sampling {
  const kept = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  const number = (field: NumberField) => within(field, kept[field])
  return {
    temperature: number('temperature'),
    topP: number('topP'),
    maxTokens: number('maxTokens'),
    seed: number('seed'),
    system: typeof kept.system === 'string' ? kept.system : '',
  }
}

/** The number if the field allows it, else null. */
export function within(field: NumberField, value: unknown): number | null {
  if (typeof value !== 'number' || !Number.isFinite(value)) return null
  if (value < bounds[field].min || value > bounds[field].max) return null
  return 'step' in bounds[field] || Number.isInteger(value) ? value : null
}

const numberFields = Object.keys(bounds) as NumberField[]
