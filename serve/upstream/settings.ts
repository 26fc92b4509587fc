import { inspect } from 'node:util'
import { z } from 'zod'
import { capabilities } from '#serve/engine'

/** A key that no log, reply or error shows: whatever prints it prints its cover. */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  reveal(): string {
    return this.#value
  }

  toString(): string {
    return '[hidden]'
  }

  toJSON(): string {
    return '[hidden]'
  }

  [inspect.custom](): string {
    return '[hidden]'
  }
}

const ms = (most: number, otherwise: number) => z.int().min(1).max(most).default(otherwise)

/** An upstream as the operator's configuration describes it. It names where a key is found and never holds one. */
export const upstreamSchema = z.strictObject({
  /** Base addresses of one or more servers of the same model, up to and with `/v1`. */
  urls: z.array(z.string().min(1).max(2048)).min(1).max(64),
  /** The name that those servers know the model by. */
  model: z.string().min(1).max(256),
  /** They stand on this machine or in its network. */
  private: z.boolean().default(false),
  /** The environment variable, or the file, that holds the key. */
  keyVariable: z.string().max(128).optional(),
  keyFile: z.string().max(4096).optional(),
  capabilities: z.array(z.enum(capabilities)).default(['chat', 'completions', 'logprobs']),
  contextLength: z.int().min(1).nullable().default(null),
  /** Takes top_k, min_p and repetition_penalty, as vLLM, SGLang and llama.cpp do. */
  extendedSampling: z.boolean().default(false),
  /** Knows the role `developer`; otherwise it is told `system`. */
  developerRole: z.boolean().default(false),
  /** How it calls the most tokens of a conversation's answer. */
  maxTokensField: z.enum(['max_tokens', 'max_completion_tokens']).default('max_tokens'),
  /** Requests that one server works on at once. */
  outstanding: z.int().min(1).max(100_000).default(256),
  connectMs: ms(60_000, 5000),
  /** Until the first byte of an answer. */
  firstByteMs: ms(3_600_000, 60_000),
  /** Between two bytes. */
  idleMs: ms(3_600_000, 30_000),
  totalMs: ms(24 * 3_600_000, 600_000),
  healthMs: ms(3_600_000, 10_000),
  /** Failures in a row that close a server off, and for how long at first. */
  failures: z.int().min(1).max(1000).default(3),
  coolMs: ms(600_000, 1000),
})

export type UpstreamSettings = z.infer<typeof upstreamSchema>
/** As it is written: what is left out takes its default. */
export type UpstreamWish = z.input<typeof upstreamSchema>
