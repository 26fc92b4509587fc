import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { ChatFormat, messageStart } from '#model/chat'
import type { Decoder } from '#model/decoding'
import { type TokenCodec, Tokenizer } from '#model/tokenizer'
import { ModelPrompts } from './model-prompts.ts'
import type { Prompts } from './prompts.ts'
import type { WorkerSettings } from './protocol.ts'

export interface OpenModel {
  decoder: Decoder
  prompts: Prompts
}

const token = z.union([z.string(), z.looseObject({ content: z.string() })]).nullish()
const tokenizerConfigSchema = z.looseObject({ bos_token: token, add_bos_token: z.boolean().nullish() })
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
export async function openModel({ folder, ...sizes }: WorkerSettings): Promise<OpenModel> {
  // Loaded with the model and not with this file: ONNX Runtime comes with it.
  const { openDecoder } = await import('#model/decoder')
  const [decoder, tokenizer, config, generation] = await Promise.all([
    openDecoder(folder, sizes),
    Tokenizer.open(folder),
    readSettings(folder, 'tokenizer_config.json', tokenizerConfigSchema),
    readSettings(folder, 'generation_config.json', generationConfigSchema),
  ])
  const format = await ChatFormat.open(tokenizer, folder)
  const prompts = modelPrompts(tokenizer, format, config, generation, decoder.contextLength)
  return { decoder, prompts }
}

/** The prompts of a model as its settings files describe them. */
export function modelPrompts(
  tokenizer: TokenCodec,
  format: ChatFormat,
  config: TokenizerConfig,
  generation: GenerationConfig,
  contextLength: number,
): Prompts {
  const endIds = generation.eos_token_id ?? []
  const beginId = config.add_bos_token === true ? tokenizer.specialTokens.get(content(config.bos_token)) : undefined
  return new ModelPrompts({
    tokenizer,
    format: converses(tokenizer, format) ? format : null,
    contextLength,
    defaults: samplingDefaults(generation),
    stopIds: [...(typeof endIds === 'number' ? [endIds] : endIds), ...format.stopTokens],
    beginId: beginId ?? null,
  })
}

/** False for a model without a template of its own whose tokenizer does not know ChatML's marks either. */
function converses(tokenizer: TokenCodec, format: ChatFormat): boolean {
  if (tokenizer.specialTokens.has(messageStart)) return true
  try {
    return !format.render([{ role: 'user', content: '' }]).includes(messageStart)
  } catch {
    // Only a template of the model's own is picky about its messages.
    return true
  }
}

const content = (value: z.infer<typeof token>) => (typeof value === 'string' ? value : (value?.content ?? ''))

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
