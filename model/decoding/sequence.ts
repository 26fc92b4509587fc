/** One request on its way: what it said so far, and what the next logits make of it. */
import type { DecodeEvent, DecodeRequest, EndEvent, PromptToken, Sampling, TokenLogprob } from '../decoding.ts'
import { logSumExp, topLogprobs } from './logprobs.ts'
import { History } from './penalties.ts'
import { Random } from './random.ts'
import type { Sampler } from './sampler.ts'
import { TextAssembly } from './text-assembly.ts'

export interface SequenceContext {
  contextLength: number
  sampler: Sampler
  /** The bytes a token adds to the text; none for control tokens. */
  textBytes(id: number): Uint8Array
  /** The bytes a token stands for. */
  tokenBytes(id: number): Uint8Array
}

export class Sequence {
  readonly number: number
  readonly promptIds: Uint32Array
  readonly owner: string
  readonly background: boolean
  /** Most tokens of prompt and answer together. */
  readonly reach: number
  /** Tokens that were chosen, in their order. */
  readonly spoken: number[] = []
  /** Prompt tokens that were computed for an earlier request. */
  cached = 0
  /** Prompt tokens that are in the cache. */
  prefilled = 0
  cancelled = false
  /** The latest token, which the next step feeds. */
  latest = -1
  private completionTokens = 0
  /** The prompt's tokens, where they are to be reported and were not yet. */
  private prompt: PromptToken[] = []
  private readonly request: DecodeRequest
  private readonly context: SequenceContext
  private readonly history: History
  private readonly random: Random
  private readonly text: TextAssembly

  constructor(number: number, request: DecodeRequest, context: SequenceContext) {
    this.number = number
    this.promptIds = request.promptIds
    this.owner = request.owner ?? ''
    this.background = request.background === true
    this.reach = Math.min(context.contextLength, request.promptIds.length + request.maxTokens)
    this.request = request
    this.context = context
    this.history = new History(request.promptIds, request.sampling)
    this.random = new Random(request.sampling.seed)
    this.text = new TextAssembly(request.stop)
  }

  /** Whether nothing may be generated at all. */
  get empty(): boolean {
    return this.request.maxTokens === 0
  }

  /** Whether the prompt's tokens are to be reported. */
  get wantsPrompt(): boolean {
    return this.request.promptLogprobs === true && this.request.topLogprobs !== null
  }

  /** Takes the logits that came after the prompt's token at `place`: they say how likely the next one was. */
  seePrompt(place: number, logits: Float32Array): void {
    if (place === 0) this.prompt.push({ ...this.promptToken(0), logprob: null, top: [] })
    if (place + 1 >= this.promptIds.length) return
    const norm = logSumExp(logits)
    const next = this.promptToken(place + 1)
    const best = topLogprobs(logits, this.request.topLogprobs ?? 0, norm)
    this.prompt.push({ ...next, logprob: logits[next.id] - norm, top: best.map((each) => this.describe(each)) })
  }

  private promptToken(place: number) {
    const id = this.promptIds[place]
    return { id, bytes: this.context.tokenBytes(id), control: this.context.textBytes(id).length === 0 }
  }

  private describe({ id, logprob }: { id: number; logprob: number }): TokenLogprob {
    return { id, bytes: this.context.tokenBytes(id), logprob }
  }

  /** Chooses the next token from one row of logits, which it changes, and adds what happened. Returns false at the end. */
  accept(logits: Float32Array, events: DecodeEvent[]): boolean {
    const { sampling, stopIds, topLogprobs: alternatives, constraint } = this.request
    // The log-probabilities are the model's own: taken before penalties and bias change the row.
    const norm = alternatives === null ? 0 : logSumExp(logits)
    const best = alternatives === null ? [] : topLogprobs(logits, alternatives, norm)
    const own = alternatives === null ? null : Float32Array.from(logits)
    this.history.apply(logits)
    constraint?.mask(logits, stopIds)
    const uniform = sampling.temperature === 0 ? 0 : this.random.next()
    const id = this.context.sampler.sample(logits, sampling, uniform)
    this.history.add(id)
    const logprob = own && this.describe({ id, logprob: own[id] - norm })
    return this.take(
      id,
      logprob,
      best.map((each) => this.describe(each)),
      events,
    )
  }

  /** Whether the next token can be drawn by someone who sees the logits and knows the filters of sampling alone. */
  get plain(): boolean {
    const { sampling, topLogprobs: alternatives } = this.request
    const { repetitionPenalty, presencePenalty, frequencyPenalty, logitBias } = sampling
    const free = repetitionPenalty === 1 && presencePenalty === 0 && frequencyPenalty === 0 && logitBias.size === 0
    return free && alternatives === null
  }

  get sampling(): Sampling {
    return this.request.sampling
  }

  /**
   * Whether a token that was drawn elsewhere may follow. Where not, the logits have to be seen after all, and `accept`
   * draws among those that may, which comes to the same distribution.
   */
  mayTake(id: number): boolean {
    const { constraint, stopIds } = this.request
    return constraint == null || (!stopIds.includes(id) && constraint.allows(id))
  }

  /** As `accept`, for a token that was drawn elsewhere. */
  takeDrawn(id: number, events: DecodeEvent[]): boolean {
    this.history.add(id)
    return this.take(id, null, [], events)
  }

  private take(id: number, logprob: TokenLogprob | null, top: TokenLogprob[], events: DecodeEvent[]): boolean {
    const { stopIds, constraint } = this.request
    this.latest = id
    this.spoken.push(id)
    this.completionTokens++
    const ends = stopIds.includes(id)
    if (ends && !this.wantsPrompt) return this.finish('stop', events)
    // Only where no token at all may follow, as with a vocabulary that cannot spell what must come.
    if (!ends && constraint?.allows(id) === false) return this.finish('length', events)
    if (!ends) constraint?.accept(id)
    events.push({
      type: 'token',
      sequence: this.number,
      id,
      text: ends ? '' : this.text.push(this.textBytes(id)),
      logprob,
      top,
      ...(this.prompt.length > 0 ? { prompt: this.prompt } : {}),
    })
    this.prompt = []
    if (ends || this.text.stopped || constraint?.ended === true) return this.finish('stop', events)
    return this.full ? this.finish('length', events) : true
  }

  private get full(): boolean {
    const { completionTokens, promptIds, request, context } = this
    return completionTokens >= request.maxTokens || promptIds.length + completionTokens >= context.contextLength
  }

  private textBytes(id: number): Uint8Array {
    const { context, request } = this
    return request.shownIds?.includes(id) === true ? context.tokenBytes(id) : context.textBytes(id)
  }

  /** Adds the end event. */
  finish(finishReason: EndEvent['finishReason'], events: DecodeEvent[]): false {
    const { number, cached, completionTokens } = this
    const text = this.text.finish()
    const prompt = { promptTokens: this.promptIds.length, cachedTokens: cached }
    const stop = this.text.stop === null ? {} : { stop: this.text.stop }
    events.push({ type: 'end', sequence: number, text, finishReason, ...stop, ...prompt, completionTokens })
    return false
  }
}
