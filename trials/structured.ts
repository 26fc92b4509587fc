/** The starter writes documents for random JSON Schemas: each that it finishes is judged by ajv. */
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { ChatFormat } from '#model/chat'
import { openDecoder } from '#model/decoder'
import { type Decoder, greedy } from '#model/decoding'
import { jsonProgram, TokenLanguage, Vocabulary } from '#model/grammar'
import { SchemaSource } from '#model/random-schema'
import { Tokenizer } from '#model/tokenizer'
import { Figures } from '#trials/figures'
import { limits } from '#wire/limits'

const starter = fileURLToPath(new URL('../starter', import.meta.url))

export interface Judged {
  finished: number
  /** Cut by the window or the most tokens: no document, and said so. */
  cut: number
  /** Finished, and not what the schema asks for. */
  wrong: string[]
  tokens: number
  seconds: number
}

interface Task {
  schema: Record<string, unknown>
  text: string
}

/** Has a model write one document for each of `count` schemas, several at a time. */
export async function judge(folder: string, count: number, seed: number): Promise<Judged> {
  const tokenizer = await Tokenizer.open(folder)
  const format = await ChatFormat.open(tokenizer, folder)
  const vocabulary = new Vocabulary(tokenizer)
  const decoder = await openDecoder(folder, { slots: 16, threads: 1 })
  const source = new SchemaSource(seed)
  const tasks = new Map<number, Task>()
  for (let i = 0; i < count; i++) {
    const schema = source.next()
    const { ids } = format.encodePrompt([{ role: 'user', content: 'Tell me about a city, in JSON.' }], {
      contextLength: decoder.contextLength,
      reserve: decoder.contextLength >> 1,
    })
    const number = decoder.add({
      promptIds: ids,
      maxTokens: decoder.contextLength,
      sampling: { ...greedy, temperature: 1, seed: seed + i },
      stop: [],
      stopIds: [...format.stopTokens],
      topLogprobs: null,
      constraint: new TokenLanguage(jsonProgram(schema, limits.schema), vocabulary).constraint(),
    })
    tasks.set(number, { schema, text: '' })
  }
  const judged = await decodeAll(decoder, tasks)
  await decoder.close()
  return judged
}

async function decodeAll(decoder: Decoder, tasks: ReadonlyMap<number, Task>): Promise<Judged> {
  const judged: Judged = { finished: 0, cut: 0, wrong: [], tokens: 0, seconds: 0 }
  const ajv = new Ajv2020({ strict: false })
  addFormats.default(ajv)
  const start = performance.now()
  while (decoder.pending > 0)
    for (const event of await decoder.step()) {
      const task = tasks.get(event.sequence)
      if (task === undefined) continue
      task.text += event.text
      if (event.type !== 'end') continue
      judged.tokens += event.completionTokens
      if (event.finishReason !== 'stop') judged.cut++
      else {
        judged.finished++
        if (!fits(ajv, task)) judged.wrong.push(`${JSON.stringify(task.schema)}\n${task.text}`)
      }
    }
  judged.seconds = (performance.now() - start) / 1000
  return judged
}

function fits(ajv: Ajv2020, { schema, text }: Task): boolean {
  try {
    return ajv.validate(schema, JSON.parse(text)) as boolean
  } catch {
    return false
  }
}

/** `--schemas 500`, `--seed 1`, `--model starter`. */
export async function main(args: string[]): Promise<void> {
  const options = {
    schemas: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    model: { type: 'string', default: starter },
  } as const
  const { values } = parseArgs({ args, options })
  const figures = new Figures('npm run trials -- structured')
  const { finished, cut, wrong, tokens, seconds } = await judge(
    values.model,
    Number(values.schemas),
    Number(values.seed),
  )
  for (const one of wrong) figures.note(`wrong: ${one}`)
  figures.record('structured.finished', finished, `documents of ${values.schemas}`)
  figures.record('structured.cut', cut, 'documents cut by the window')
  figures.record('structured.wrong', wrong.length, 'documents', { op: '=', value: 0 })
  figures.record('structured.speed', tokens / seconds, 'tokens/s')
  figures.finish()
}
