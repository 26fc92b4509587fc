/** Our own model in this process: no server, no worker. While it thinks, its thread does. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { z } from 'zod'
import { ChatFormat, endOfText, PromptTooLongError } from '#model/chat'
import { openDecoder } from '#model/decoder'
import { type Decoder, greedy } from '#model/decoding'
import { type LikelihoodModel, openLikelihood } from '#model/likelihood'
import { Tokenizer } from '#model/tokenizer'
import {
  behind,
  type Examinee,
  ExamineeError,
  type Likelihood,
  type Message,
  type PlacedToken,
  QuestionTooLongError,
  type WriteRequest,
  type Written,
} from './examinee.ts'

export interface LocalExamineeOptions {
  name: string
  /** Answers written at the same time (default 16). */
  slots?: number
  threads?: number
}

const token = z.union([z.string(), z.looseObject({ content: z.string() })]).nullish()
const settingsSchema = z.looseObject({
  bos_token: token,
  add_bos_token: z.boolean().nullish(),
  eos_token_id: z.union([z.int(), z.array(z.int())]).nullish(),
})

/** Opens the model in a folder of Hugging Face's layout. */
export async function openLocalExaminee(folder: string, options: LocalExamineeOptions): Promise<Examinee> {
  const { name, slots = 16, threads = 2 } = options
  const tokenizer = await Tokenizer.open(folder)
  const format = await ChatFormat.open(tokenizer, folder)
  const decoder = await openDecoder(folder, { slots, threads })
  const likelihood = await openLikelihood(folder, { threads, vocabulary: tokenizer.vocabSize })
  const read = (file: string) => settingsSchema.parse(readJson(join(folder, file)))
  const { bos_token, add_bos_token } = read('tokenizer_config.json')
  const begin = typeof bos_token === 'string' ? bos_token : bos_token?.content
  return new LocalExaminee(name, fingerprintOf(folder), {
    tokenizer,
    format,
    decoder,
    likelihood,
    begin: add_bos_token === true && begin !== undefined ? (tokenizer.specialTokens.get(begin) ?? null) : null,
    stopIds: [...new Set([read('generation_config.json').eos_token_id ?? [], ...format.stopTokens].flat())],
  })
}

const readJson = (path: string): unknown => (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {})

/** Weights are told by size and time: to read gigabytes for a name would take longer than many an exam. */
function fingerprintOf(folder: string): string {
  const hash = createHash('sha256')
  for (const file of [
    'config.json',
    'tokenizer.json',
    'tokenizer_config.json',
    'chat_template.jinja',
    'generation_config.json',
  ])
    if (existsSync(join(folder, file))) hash.update(file).update(readFileSync(join(folder, file)))
  for (const file of ['model.safetensors', 'model.safetensors.index.json']) {
    const found = statSync(join(folder, file), { throwIfNoEntry: false })
    if (found) hash.update(`${file} ${found.size} ${found.mtimeMs}`)
  }
  return hash.digest('hex').slice(0, 16)
}

interface Parts {
  tokenizer: Tokenizer
  format: ChatFormat
  decoder: Decoder
  likelihood: LikelihoodModel
  begin: number | null
  stopIds: readonly number[]
}

interface Waiting {
  text: string
  settled: PromiseWithResolvers<Written>
}

class LocalExaminee implements Examinee {
  readonly name: string
  readonly fingerprint: string
  readonly #parts: Parts
  readonly #waiting = new Map<number, Waiting>()
  #stepping: Promise<void> | null = null
  /** Passes run one after the other: each blocks the thread. */
  #pass: Promise<unknown> = Promise.resolve()

  constructor(name: string, fingerprint: string, parts: Parts) {
    this.name = name
    this.fingerprint = fingerprint
    this.#parts = parts
  }

  async write(request: WriteRequest, signal: AbortSignal): Promise<Written> {
    signal.throwIfAborted()
    const { decoder, stopIds } = this.#parts
    const { prompt, maxTokens, stop, temperature, topP, seed } = request
    const promptIds = typeof prompt === 'string' ? this.#textIds(prompt) : this.#chatIds(prompt, maxTokens)
    const room = decoder.contextLength - promptIds.length
    const sequence = decoder.add({
      promptIds,
      maxTokens: Math.min(maxTokens, room),
      sampling: { ...greedy, temperature, topP, seed },
      stop,
      stopIds,
      topLogprobs: null,
    })
    const settled = Promise.withResolvers<Written>()
    this.#waiting.set(sequence, { text: '', settled })
    const leave = () => decoder.cancel(sequence)
    signal.addEventListener('abort', leave, { once: true })
    this.#stepping ??= this.#run()
    return await settled.promise.finally(() => signal.removeEventListener('abort', leave))
  }

  async score(beginning: string, continuations: readonly string[], signal: AbortSignal): Promise<Likelihood[]> {
    const pass = this.#pass.then(async () => {
      await nextTurn()
      signal.throwIfAborted()
      return await this.#score(beginning, continuations)
    })
    this.#pass = pass.catch(() => {})
    return await pass
  }

  async close(): Promise<void> {
    await this.#stepping
    await this.#pass
    await this.#parts.decoder.close()
    await this.#parts.likelihood.close()
  }

  /** A plain prompt's ids, as our server makes them. @throws QuestionTooLongError where no token could follow. */
  #textIds(text: string): Uint32Array {
    const { tokenizer, begin, decoder } = this.#parts
    const ids = tokenizer.encode(text)
    const first = begin ?? (ids.length === 0 ? tokenizer.specialTokens.get(endOfText) : undefined)
    const all = first === undefined ? ids : Uint32Array.from([first, ...ids])
    if (all.length < decoder.contextLength) return all
    throw new QuestionTooLongError(`the text has ${all.length} tokens and the window is ${decoder.contextLength}`)
  }

  /** The room for an answer is the one that our server keeps free. */
  #chatIds(messages: readonly Message[], maxTokens: number): Uint32Array {
    const { contextLength } = this.#parts.decoder
    const wish = Math.min(maxTokens, Math.max(1, Math.floor(contextLength / 4)))
    const encode = (reserve: number) => this.#parts.format.encodePrompt(messages, { contextLength, reserve })
    try {
      const { ids, droppedMessages } = encode(wish)
      if (droppedMessages === 0) return ids
      throw new QuestionTooLongError(`${droppedMessages} messages would not fit into the window of ${contextLength}`)
    } catch (error) {
      if (!(error instanceof PromptTooLongError)) throw error
      if (error.tokens >= contextLength) throw new QuestionTooLongError(error.message, { cause: error })
      const { ids, droppedMessages } = encode(contextLength - error.tokens)
      if (droppedMessages === 0) return ids
      throw new QuestionTooLongError(`${droppedMessages} messages would not fit into the window of ${contextLength}`)
    }
  }

  async #run(): Promise<void> {
    const { decoder } = this.#parts
    try {
      while (decoder.pending > 0) {
        // A session's run blocks the thread: requests that arrive together start together, and a signal is heard.
        await nextTurn()
        for (const event of await decoder.step()) this.#take(event)
      }
    } catch (error) {
      for (const { settled } of this.#waiting.values()) settled.reject(error)
      this.#waiting.clear()
    } finally {
      this.#stepping = null
    }
  }

  #take(event: Awaited<ReturnType<Decoder['step']>>[number]): void {
    const waiting = this.#waiting.get(event.sequence)
    if (!waiting) return
    waiting.text += event.text
    if (event.type !== 'end') return
    this.#waiting.delete(event.sequence)
    const { finishReason } = event
    if (finishReason === 'stop' || finishReason === 'length')
      waiting.settled.resolve({ text: waiting.text, finish: finishReason })
    else if (finishReason === 'cancelled')
      waiting.settled.reject(new DOMException('The exam was stopped.', 'AbortError'))
    else
      waiting.settled.reject(
        new ExamineeError(`${this.name}: the model computed no number; its weights may be damaged`),
      )
  }

  async #score(beginning: string, continuations: readonly string[]): Promise<Likelihood[]> {
    const texts = continuations.map((continuation) => this.#textIds(beginning + continuation))
    const placed = texts.map((ids, i) => this.#place(ids, beginning.length + continuations[i].length))
    const shared = sharedLength(texts, placed, beginning.length)
    if (shared === 0) return await Promise.all(texts.map((ids, i) => this.#branch(ids, 1, placed[i], beginning.length)))
    const branches = texts.map((ids) => ids.subarray(shared))
    const scored = await this.#parts.likelihood.score(texts[0].subarray(0, shared), branches)
    return scored.map((tokens, i) => behind(joined(placed[i].slice(shared), tokens), beginning.length))
  }

  async #branch(ids: Uint32Array, from: number, placed: Place[], beginning: number): Promise<Likelihood> {
    const [tokens] = await this.#parts.likelihood.score(ids.subarray(0, from), [ids.subarray(from)])
    return behind(joined(placed.slice(from), tokens), beginning)
  }

  /** Where each token stands in the text; a token that holds only a part of a character stands before it. */
  #place(ids: Uint32Array, length: number): Place[] {
    const { tokenizer, begin } = this.#parts
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
    let at = 0
    const starts = Array.from(ids, (id, i) => {
      const from = at
      if (i > 0 || id !== begin) at += decoder.decode(tokenizer.tokenBytes(id), { stream: true }).length
      return from
    })
    return starts.map((from, i) => ({ from, to: starts[i + 1] ?? length }))
  }
}

type Place = Pick<PlacedToken, 'from' | 'to'>

const joined = (places: readonly Place[], tokens: readonly Omit<PlacedToken, keyof Place>[]): PlacedToken[] =>
  places.map((place, i) => ({ ...place, logprob: tokens[i].logprob, likeliest: tokens[i].likeliest }))

/**
 * How many tokens all texts begin with that count for none of them, which are read once: those of the beginning, and the
 * first, which has no likelihood. Each text keeps one of its own.
 */
function sharedLength(texts: readonly Uint32Array[], placed: readonly Place[][], beginning: number): number {
  const most = Math.min(...texts.map(({ length }) => length - 1))
  const counts = ({ from, to }: Place) => from >= beginning || to > beginning
  let shared = 0
  while (shared < most && texts.every((ids) => ids[shared] === texts[0][shared])) {
    if (shared > 0 && counts(placed[0][shared])) break
    shared++
  }
  return shared
}
