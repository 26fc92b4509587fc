/** What the stages ppo, grpo and best-of-n are told beyond what every run is. */
import { z } from 'zod'
import { thresholdsSchema } from '../flight-recorder/thresholds.ts'

const share = z.number().min(0).max(1)
const count = z.int().min(1).max(1e9)

export const reinforcementSchema = z.strictObject({
  /** The folder of a reward model; without it the prompts' own rules give the reward. */
  reward: z.string().optional(),
  /** By rules: 1 where all hold (verifiable), or the share that holds (graded). */
  rules: z.enum(['all', 'share']).default('share'),
  /** Answers to each prompt. */
  samples: count.default(1),
  answerTokens: count.default(64),
  temperature: z.number().positive().max(10).default(1),
  /** Answers that a replica writes at once. */
  slots: z.int().min(1).max(1024).default(64),
  /** PPO: weight of the divergence from the starting policy in each token's reward; GRPO: in the loss. */
  klCoefficient: z.number().min(0).max(10).default(0.05),
  /** Nats an answer that the coefficient is steered to (Ziegler 2019); without it the coefficient is fixed. */
  klTarget: z.number().positive().nullable().default(null),
  /** Divides rewards of tokens by their deviation; their mean stays. */
  whitenRewards: z.boolean().default(true),
  /** Taken from the score of an answer that does not end. */
  noEndPenalty: z.number().min(0).default(1),
  /** Taken from the score for each token. */
  tokenPenalty: z.number().min(-100).max(100).default(0),
  /** Weight of the loss on text that is mixed in (PPO-ptx); 0 mixes none in. */
  mix: z.number().min(0).max(1000).default(0),
  /** Rows of text in each update. */
  mixRows: count.default(8),
  /** The value model's learning rate; the policy's where it is left out. */
  valueLearningRate: z.number().positive().max(1).optional(),
  epochs: count.default(2),
  /** Answers of an update. */
  minibatch: count.default(32),
  gamma: share.default(1),
  lambda: share.default(0.95),
  clip: z.number().positive().default(0.2),
  valueClip: z.number().positive().nullable().default(0.2),
  entropyWeight: z.number().min(0).default(0),
  /** Divergence from the policy that answered, a decision: beyond 1.5 times this an iteration ends early. */
  targetKl: z.number().positive().nullable().default(0.1),
  /** A checkpoint is written at the next pause of the work once the last is so many seconds old, also within an iteration. */
  saveSeconds: z.number().min(0).max(1e6).default(60),
  recorder: thresholdsSchema.prefault({}),
})

export type ReinforcementSettings = z.infer<typeof reinforcementSchema>
