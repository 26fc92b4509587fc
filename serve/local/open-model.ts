import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { ChatFormat, messageStart } from '#model/chat'
import type { Decoder } from '#model/decoding'
import { Tokenizer } from '#model/tokenizer'
import { ModelPrompts } from './model-prompts.ts'
import type { Prompts } from './prompts.ts'
import type { WorkerSettings } from './protocol.ts'

export interface OpenModel {
  decoder: Decoder
  prompts: Prompts
}

interface DecoderDoor {
  openDecoder(folder: string, options: { slots: number; threads: number }): Promise<Decoder>
}
/** Loaded with the model and not with this file: ONNX Runtime comes with it. */
const decoderDoor = '#model/decoder'

const token = z.union([z.string(), z.looseObject({ content: z.string() })]).nullish()
const tokenizerConfigSchema = z.looseObject({
  chat_template: z.union([z.string(), z.array(z.looseObject({ name: z.string(), template: z.string() }))]).nullish(),
  bos_token: token,
  eos_token: token,
  add_bos_token: z.boolean().nullish(),
})
const generationConfigSchema = z.looseObject({
  do_sample: z.boolean().nullish(),
  temperature: z.number().min(0).nullish(),
  top_k: z.int().min(0).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  min_p: z.number().min(0).max(1).nullish(),
  repetition_penalty: z.number().positive().nullish(),
  eos_token_id: z.union([z.int(), z.array(z.int())]).nullish(),
})
type TokenizerConfig = z.infer<typeof tokenizerConfigSchema>
type GenerationConfig = z.infer<typeof generationConfigSchema>

/** Opens the model in a folder of Hugging Face's layout, ready to decode. */
export async function openModel({ folder, slots, threads }: WorkerSettings): Promise<OpenModel> {
  const { openDecoder } = (await import(decoderDoor)) as DecoderDoor
  const [decoder, tokenizer, config, generation] = await Promise.all([
    openDecoder(folder, { slots, threads }),
    Tokenizer.open(folder),
    readSettings(folder, 'tokenizer_config.json', tokenizerConfigSchema),
    readSettings(folder, 'generation_config.json', generationConfigSchema),
  ])
  const prompts = modelPrompts(tokenizer, config, generation, decoder.contextLength)
  return { decoder, prompts }
}

/** The prompts of a model as its settings files describe them. */
export function modelPrompts(
  tokenizer: Tokenizer,
  config: TokenizerConfig,
  generation: GenerationConfig,
  contextLength: number,
): Prompts {
  const endIds = generation.eos_token_id ?? []
  const endId = tokenizer.specialTokens.get(content(config.eos_token))
  const beginId = config.add_bos_token === true ? tokenizer.specialTokens.get(content(config.bos_token)) : undefined
  return new ModelPrompts({
    tokenizer,
    format: chatFormat(tokenizer, config),
    contextLength,
    defaults: samplingDefaults(generation),
    stopIds: [...(typeof endIds === 'number' ? [endIds] : endIds), ...(endId === undefined ? [] : [endId])],
    beginId: beginId ?? null,
  })
}

const content = (value: z.infer<typeof token>) => (typeof value === 'string' ? value : (value?.content ?? ''))

function chatFormat(tokenizer: Tokenizer, config: TokenizerConfig): ChatFormat | null {
  const { chat_template: given } = config
  const template = Array.isArray(given) ? given.find((one) => one.name === 'default')?.template : (given ?? undefined)
  if (template === undefined && !tokenizer.specialTokens.has(messageStart)) return null
  const options = { beginToken: content(config.bos_token), endToken: content(config.eos_token) }
  return new ChatFormat(tokenizer, template, options)
}

function samplingDefaults(generation: GenerationConfig): Prompts['defaults'] {
  return {
    temperature: generation.do_sample === false ? 0 : (generation.temperature ?? 1),
    topK: generation.top_k ?? 0,
    topP: generation.top_p ?? 1,
    minP: generation.min_p ?? 0,
    repetitionPenalty: generation.repetition_penalty ?? 1,
    presencePenalty: 0,
    frequencyPenalty: 0,
  }
}

/** A settings file that a model may lack. @throws Error that names the file and the field that is wrong. */
async function readSettings<T extends z.ZodType>(folder: string, name: string, schema: T): Promise<z.infer<T>> {
  const path = join(folder, name)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}'
    throw error
  })
  const result = schema.safeParse(JSON.parse(text))
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new Error(`${path}: ${issue.path.join('.')}: ${issue.message}`)
}
