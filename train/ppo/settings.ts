/** What a run of PPO is told, checked, with the defaults of Schulman 2017 and of Stable-Baselines3. */
import { z } from 'zod'
import { RunConfigError } from '../run-config-error.ts'

const share = z.number().min(0).max(1)
const count = z.int().min(1).max(1e9)
const annealing = z.enum(['constant', 'linear'])

const settingsSchema = z.strictObject({
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(1),
  /** Rollouts, each followed by its updates. */
  iterations: count,
  /** Passes over a rollout. */
  epochs: count.default(10),
  /** Units (decisions, or whole answers) of an update; the last of a pass may be smaller. */
  minibatch: count.default(64),
  gamma: share.default(0.99),
  lambda: share.default(0.95),
  clip: z.number().positive().default(0.2),
  clipSchedule: annealing.default('constant'),
  valueClip: z.number().positive().nullable().default(null),
  valueWeight: z.number().min(0).default(0.5),
  entropyWeight: z.number().min(0).default(0),
  /** Over which decisions advantages get mean 0 and deviation 1. */
  normalise: z.enum(['minibatch', 'rollout', 'none']).default('minibatch'),
  learningRate: z.number().positive().max(1).default(3e-4),
  learningRateSchedule: annealing.default('constant'),
  gradientClip: z.number().positive().default(0.5),
  /** A minibatch whose divergence passes 1.5 times this ends the iteration without an update. */
  targetKl: z.number().positive().nullable().default(null),
  beta1: share.default(0.9),
  beta2: share.default(0.999),
  epsilon: z.number().positive().default(1e-5),
})

export type PpoSettings = z.infer<typeof settingsSchema>
export type PpoInput = z.input<typeof settingsSchema>

/** Checks settings and fills in the defaults. Throws RunConfigError, which names the field. */
export function parsePpoSettings(value: unknown, from = 'the settings of PPO'): PpoSettings {
  const parsed = settingsSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const said = parsed.error.issues.map((issue) => `${issue.path.join('.') || '(top)'}: ${issue.message}`).join('; ')
  throw new RunConfigError(`${from}: ${said}`)
}

/** The value of an annealed setting: falls linearly from the first iteration to 0 after the last. */
export function annealed(value: number, schedule: z.infer<typeof annealing>, done: number): number {
  return schedule === 'linear' ? value * Math.max(0, 1 - done) : value
}
