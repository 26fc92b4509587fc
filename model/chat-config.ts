/** What a model's folder says of conversations. Light to load: neither template engine nor tokenizer comes with it. */
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ChatTemplateError } from './chat/error.ts'

const MAX_CONFIG_BYTES = 16 * 1024 * 1024

/** What a chat format needs of a model's folder. */
export interface ChatConfig {
  template: string | undefined
  beginToken: string | undefined
  endToken: string | undefined
}

/** Reads a parsed tokenizer_config.json; of several named templates the one called `default`. */
export function readChatConfig(json: unknown): ChatConfig {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new ChatTemplateError('tokenizer_config.json must be an object')
  }
  const config = new Map<string, unknown>(Object.entries(json))
  return {
    template: readTemplate(config.get('chat_template')),
    beginToken: readToken(config.get('bos_token'), 'bos_token'),
    endToken: readToken(config.get('eos_token'), 'eos_token'),
  }
}

/** Reads tokenizer_config.json in a folder and, where there is one, chat_template.jinja, which wins. */
export async function openChatConfig(folder: string): Promise<ChatConfig> {
  const text = await readBounded(join(folder, 'tokenizer_config.json'))
  const template = await readBounded(join(folder, 'chat_template.jinja'))
  if (text === undefined) return { template, beginToken: undefined, endToken: undefined }
  const config = readChatConfig(parseJson(text))
  return { ...config, template: template ?? config.template }
}

function readTemplate(value: unknown): string | undefined {
  if (value === undefined || value === null || typeof value === 'string') return value ?? undefined
  if (Array.isArray(value)) {
    const named = value.find((entry) => entry?.name === 'default')
    if (typeof named?.template === 'string') return named.template
  }
  throw new ChatTemplateError('tokenizer_config.json: chat_template must be a string or a list with one called default')
}

/** A token is a string or, in older files, an object with its content. */
function readToken(value: unknown, field: string): string | undefined {
  if (value === undefined || value === null || typeof value === 'string') return value ?? undefined
  const content = typeof value === 'object' && 'content' in value ? value.content : undefined
  if (typeof content === 'string') return content
  throw new ChatTemplateError(`tokenizer_config.json: ${field} must be a string`)
}

async function readBounded(path: string): Promise<string | undefined> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (file === undefined) return undefined
  try {
    const { size } = await file.stat()
    if (size > MAX_CONFIG_BYTES) {
      throw new ChatTemplateError(`${path} has ${size} bytes, the limit is ${MAX_CONFIG_BYTES}`)
    }
    return await readFile(file, 'utf8')
  } finally {
    await file.close()
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ChatTemplateError(`tokenizer_config.json is not JSON: ${(error as Error).message}`)
  }
}
