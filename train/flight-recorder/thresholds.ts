/** What the flight recorder holds a run against: the one table of its thresholds. */
import { z } from 'zod'

const count = z.int().min(1).max(1e9)
const number = z.number().positive().max(1e9)

export const thresholdsSchema = z.strictObject({
  /** Whether what goes wrong ends the run; else it is only marked. */
  pause: z.boolean().default(true),
  /** Iterations in a row that a limit must be passed: one bad rollout is no failure. */
  patience: count.default(3),
  /** Nats of divergence from the starting policy, a token. */
  kl: number.default(1),
  /** Share of the entropy of the first iterations that must be left. */
  entropy: z.number().min(0).max(1).default(0.1),
  /** Times as long, or as short, as answers of the first iterations were. */
  length: z.number().min(1).max(1e6).default(3),
  /** Deviation of the scores of a rollout, at least; below it nothing can be learned. */
  spread: z.number().min(0).max(1e6).default(1e-6),
  /** Share of an answer's tokens that repeat a run of three said before in it. */
  repetition: z.number().min(0).max(1).default(0.7),
  /** The first iterations, which later ones are compared with. */
  baseline: count.default(3),
  /** Standard errors that the exam may fall below its best while the reward rises: then the reward is gamed. */
  divergence: number.default(3),
})

export type Thresholds = z.infer<typeof thresholdsSchema>
