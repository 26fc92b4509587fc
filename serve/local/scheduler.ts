import { setImmediate as nextTurn } from 'node:timers/promises'
import type { DecodeEvent, DecodeRequest, Decoder, EndEvent, Sampling, TokenEvent } from '#model/decoding'
import type { ChatRequest, CompletionRequest, EngineEvent, GenerationRequest, SamplingWish } from '#serve/engine'
import { ApiError } from '#wire/errors'
import type { AnswerForm } from './answer-forms.ts'
import type { Prompts } from './prompts.ts'
import type { Refusal, Report } from './protocol.ts'

interface Job {
  id: number
  /** Sequence number of the decoder → number of the choice, for choices that have not ended. */
  choices: Map<number, number>
  /** Answers to each prompt. */
  answers: number
  promptTokens: number
  /** For each prompt: how many of its tokens no answer had computed again. */
  cached: number[]
}

/** What is said of a request when it begins, and what its answers are held to. */
interface Beginning {
  droppedMessages: number
  echo: readonly string[]
  /** Where the prompt stands in the request. */
  field: string
  form: AnswerForm | null
}

/** Room kept for an answer of unstated length when old turns are dropped: a quarter of the window, at most this. */
const answerReserve = 512

/**
 * Decodes all requests in one batch. Requests enter and leave between two steps; after each step what happened is
 * reported in one call, so that a thread boundary is crossed once per step and not once per token.
 */
export class Scheduler {
  readonly #decoder: Decoder
  readonly #prompts: Prompts
  readonly #report: (reports: Report[]) => void
  readonly #jobs = new Map<number, Job>()
  readonly #owners = new Map<number, Job>()
  #loop: Promise<void> | null = null
  #closed = false

  constructor(decoder: Decoder, prompts: Prompts, report: (reports: Report[]) => void) {
    this.#decoder = decoder
    this.#prompts = prompts
    this.#report = report
  }

  /** Requests that have not ended. */
  get size(): number {
    return this.#jobs.size
  }

  chat(id: number, request: ChatRequest): void {
    this.#take(id, () => {
      const { contextLength } = this.#prompts
      const wished = request.maxTokens ?? answerReserve
      const least = Math.min(wished, Math.max(1, Math.floor(contextLength / 4)))
      const reserve = request.truncation === 'disabled' ? null : least
      const form = this.#prompts.form?.(request) ?? null
      const { ids, droppedMessages } = this.#prompts.chat(request.messages, reserve, request.tools?.functions)
      this.#start(id, request, [ids], { droppedMessages, echo: [], field: 'messages', form })
    })
  }

  complete(id: number, request: CompletionRequest): void {
    this.#take(id, () => {
      const prompts = request.prompts.map((prompt) => {
        if (typeof prompt !== 'string') return this.#checkedIds(prompt)
        return request.suffix === null ? this.#prompts.text(prompt) : this.#gap(prompt, request.suffix, request)
      })
      const echo = request.echo
        ? prompts.map((ids, at) => {
            const given = request.prompts[at]
            return typeof given === 'string' ? given : this.#prompts.decode(ids)
          })
        : []
      this.#start(id, request, prompts, { droppedMessages: 0, echo, field: 'prompt', form: null })
    })
  }

  #gap(prefix: string, suffix: string, { fit, maxTokens }: CompletionRequest): Uint32Array {
    if (fit !== true) return this.#prompts.gap(prefix, suffix)
    const { contextLength } = this.#prompts
    const reserve = Math.min(maxTokens ?? answerReserve, Math.max(1, Math.floor(contextLength / 4)))
    return this.#prompts.gap(prefix, suffix, contextLength - reserve)
  }

  /** Ends a request; nothing more is reported of it. */
  cancel(id: number): void {
    const job = this.#jobs.get(id)
    if (job === undefined) return
    this.#jobs.delete(id)
    for (const sequence of job.choices.keys()) {
      this.#owners.delete(sequence)
      this.#decoder.cancel(sequence)
    }
  }

  /** Stops after the step that is being made and closes the decoder. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#loop
    await this.#decoder.close()
  }

  /** Resolves when nothing is left to decode; rejects when the decoder broke. */
  async idle(): Promise<void> {
    await this.#loop
  }

  /** A request that does not fit the model is the client's error; anything else is ours and ends the worker. */
  #take(id: number, start: () => void): void {
    try {
      start()
    } catch (error) {
      this.cancel(id)
      const refusal = refusalOf(error)
      if (refusal === null) throw error
      this.#report([{ id, events: [], refusal }])
    }
  }

  #start(
    id: number,
    request: GenerationRequest,
    prompts: readonly Uint32Array[],
    { droppedMessages, echo, field, form }: Beginning,
  ): void {
    this.#checkBias(request.sampling.logitBias)
    for (const ids of prompts) this.#checkRoom(ids, field)
    const promptTokens = prompts.reduce((sum, ids) => sum + ids.length, 0)
    const cached = prompts.map((ids) => ids.length)
    const job: Job = { id, choices: new Map(), answers: request.choices, promptTokens, cached }
    this.#jobs.set(id, job)
    let choice = 0
    for (const ids of prompts) {
      for (let answer = 0; answer < request.choices; answer++) {
        const sequence = this.#decoder.add(this.#decodeRequest(ids, request, answer, form))
        job.choices.set(sequence, choice++)
        this.#owners.set(sequence, job)
      }
    }
    this.#report([{ id, events: [{ type: 'start', promptTokens, droppedMessages, echo }], refusal: null }])
    this.#loop ??= this.#run()
  }

  #decodeRequest(
    promptIds: Uint32Array,
    request: GenerationRequest,
    answer: number,
    form: AnswerForm | null,
  ): DecodeRequest {
    const room = this.#prompts.contextLength - promptIds.length
    return {
      promptIds,
      maxTokens: Math.min(request.maxTokens ?? room, room),
      sampling: resolveSampling(request.sampling, this.#prompts.defaults, answer),
      stop: request.stop,
      stopIds: this.#prompts.stopIds,
      topLogprobs: request.topLogprobs,
      promptLogprobs: 'echo' in request && request.echo === true,
      constraint: form?.constraint() ?? null,
      shownIds: form?.shownIds ?? [],
      owner: request.owner,
      background: request.background,
    }
  }

  #checkedIds(ids: readonly number[]): Uint32Array {
    const wrong = ids.find((id) => id >= this.#prompts.vocabSize)
    if (wrong !== undefined)
      throw new ApiError(
        'invalid_value',
        `Invalid 'prompt': token ${wrong} is not below ${this.#prompts.vocabSize}.`,
        'prompt',
      )
    return Uint32Array.from(ids)
  }

  #checkBias(bias: ReadonlyMap<number, number>): void {
    for (const id of bias.keys()) {
      if (id < this.#prompts.vocabSize) continue
      const text = `Invalid 'logit_bias': token ${id} is not below ${this.#prompts.vocabSize}.`
      throw new ApiError('invalid_value', text, 'logit_bias')
    }
  }

  #checkRoom(ids: Uint32Array, field: string): void {
    const { contextLength } = this.#prompts
    if (ids.length === 0) throw new ApiError('invalid_value', `Invalid '${field}': it holds no tokens.`, field)
    if (ids.length < contextLength) return
    const remedy = field === 'messages' ? ", or let the oldest turns go with 'truncation': 'auto'" : ''
    throw new ApiError(
      'context_length_exceeded',
      `This model's window is ${contextLength} tokens and '${field}' holds ${ids.length}. Shorten it to leave room for an answer${remedy}.`,
      field,
    )
  }

  async #run(): Promise<void> {
    while (!this.#closed && this.#decoder.pending > 0) {
      // A session's run blocks the thread: without a turn of the event loop no message would ever be read. Before the
      // first step it lets requests that arrived together start together.
      await nextTurn()
      const reports = this.#reports(await this.#decoder.step())
      if (reports.length > 0) this.#report(reports)
    }
    this.#loop = null
  }

  #reports(events: readonly DecodeEvent[]): Report[] {
    const reports = new Map<number, Report>()
    for (const event of events) {
      const job = this.#owners.get(event.sequence)
      if (job === undefined) continue
      const choice = job.choices.get(event.sequence)
      if (choice === undefined) continue
      const report = reports.get(job.id) ?? { id: job.id, events: [], refusal: null }
      reports.set(job.id, report)
      if (event.type === 'end' && event.finishReason === 'failed') {
        report.refusal = notFinite
        this.cancel(job.id)
        continue
      }
      report.events.push(event.type === 'token' ? engineToken(event, choice) : engineEnd(event, choice, job))
      if (event.type === 'end') this.#leave(job, event.sequence)
    }
    return [...reports.values()]
  }

  #leave(job: Job, sequence: number): void {
    this.#owners.delete(sequence)
    job.choices.delete(sequence)
    if (job.choices.size === 0) this.#jobs.delete(job.id)
  }
}

/** One sequence's failure, with which its request ends: the others in the batch go on. */
const notFinite: Refusal = {
  code: 'engine_failed',
  detail:
    'The model computed no number (NaN or an infinity) for this request. Its weights may be damaged; a different prompt may work.',
  param: null,
}

function refusalOf(error: unknown): Refusal | null {
  if (error instanceof ApiError) return { code: error.code, detail: error.detail, param: error.param }
  // Told by its name: the decoder's module, which brings ONNX Runtime, is loaded with a model alone.
  const refused = error instanceof Error && error.name === 'DecodeRequestError'
  return refused
    ? { code: 'invalid_value', detail: `The model refuses the request: ${error.message}.`, param: null }
    : null
}

function engineToken({ text, logprob, top, prompt }: TokenEvent, choice: number): EngineEvent {
  return { type: 'token', choice, text, logprob, top, ...(prompt ? { prompt } : {}) }
}

function engineEnd({ text, completionTokens, ...event }: EndEvent, choice: number, job: Job): EngineEvent {
  // Sequences are only cancelled together with their owner, whose events are no longer reported.
  const finishReason = event.finishReason === 'stop' ? 'stop' : 'length'
  // Answers to one prompt share what the first of them computes.
  const prompt = Math.floor(choice / job.answers)
  job.cached[prompt] = Math.min(job.cached[prompt], event.cachedTokens)
  const stop = event.stop === undefined ? {} : { stop: event.stop }
  const end: EngineEvent = { type: 'end', choice, text, finishReason, ...stop, completionTokens }
  if (job.choices.size > 1) return end
  const cachedTokens = job.cached.reduce((sum, each) => sum + each, 0)
  return { ...end, usage: { promptTokens: job.promptTokens, cachedTokens } }
}

/** Fills what the wish leaves open; each answer to one prompt has its own seed. */
export function resolveSampling(wish: SamplingWish, defaults: Prompts['defaults'], answer: number): Sampling {
  // A nucleus of nothing still keeps the likeliest token.
  const onlyBest = wish.topP === 0
  return {
    temperature: wish.temperature ?? defaults.temperature,
    topK: onlyBest ? 1 : (wish.topK ?? defaults.topK),
    topP: onlyBest ? 1 : (wish.topP ?? defaults.topP),
    minP: wish.minP ?? defaults.minP,
    repetitionPenalty: wish.repetitionPenalty ?? defaults.repetitionPenalty,
    presencePenalty: wish.presencePenalty ?? defaults.presencePenalty,
    frequencyPenalty: wish.frequencyPenalty ?? defaults.frequencyPenalty,
    logitBias: wish.logitBias,
    seed: (wish.seed + answer) % 2 ** 32,
  }
}
