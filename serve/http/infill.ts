import { randomInt } from 'node:crypto'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { CompletionRequest, Engine, EngineEvent } from '#serve/engine'
import { failures } from '#wire/error-body'
import { ApiError } from '#wire/errors'
import {
  type InfillReply,
  type InfillRequestBody,
  infillChunkSchema,
  infillReplySchema,
  infillRequestSchema,
} from '#wire/infill'
import { definedHeaders, sendFailure } from './answer.ts'
import { EventStream } from './event-stream.ts'
import { asApiError } from './failures.ts'
import { findModel, leaving, type RouteOptions } from './routes.ts'

/** `POST /infill`: llama.cpp's form of filling in the middle. */
export function infillRoute(app: FastifyInstance, { engineOf, times, traffic, log }: RouteOptions): void {
  const schema = {
    summary: 'Fills in what stands at the cursor, in the form of llama.cpp’s server',
    body: infillRequestSchema,
    response: {
      200: {
        description: 'The text at the cursor; with stream, its pieces as events.',
        content: {
          // Fields that were asked for by a path stand beside the others.
          'application/json': { schema: infillReplySchema.partial().loose() },
          'text/event-stream': { schema: infillChunkSchema },
        },
      },
      ...failures,
    },
  }
  app.withTypeProvider<ZodTypeProvider>().post('/infill', { schema }, async (request, reply) => {
    const { body } = request
    const engine = engineOf(request)
    const model = findModel(engine, body.model ?? filling(engine))
    const events = engine.complete(completionOf(body, model.id), leaving(reply))
    const answer = new Infill(body, model.id)
    if (body.stream !== true) {
      for await (const _ of answer.texts(events));
      return reply.send(answer.reply())
    }
    return stream(reply, answer, events, { times, traffic, log })
  })
}

/** The model that is asked where none is named: the first that fills gaps; one that is not loaded may do so too. */
function filling(engine: Engine): string {
  const models = engine.models()
  const able = models.find(({ capabilities }) => capabilities.includes('fill') || capabilities.length === 0)
  return (able ?? models[0]).id
}

/** What llama.cpp puts between pieces of several files for models without a token of their own for that. */
const between = '\n\n--- snippet ---\n\n'

function completionOf(body: InfillRequestBody, model: string): CompletionRequest {
  const extra = (body.input_extra ?? []).map((piece) => piece.text + between).join('')
  const seed = body.seed ?? -1
  const predict = body.n_predict ?? -1
  return {
    model,
    prompts: [extra + body.input_prefix + (body.prompt ?? '')],
    suffix: body.input_suffix,
    fit: true,
    echo: false,
    maxTokens: predict < 0 ? null : predict,
    stop: body.stop ?? [],
    topLogprobs: null,
    choices: 1,
    sampling: {
      temperature: body.temperature ?? null,
      topK: body.top_k ?? null,
      topP: body.top_p ?? null,
      minP: body.min_p ?? null,
      repetitionPenalty: body.repeat_penalty ?? null,
      presencePenalty: body.presence_penalty ?? null,
      frequencyPenalty: body.frequency_penalty ?? null,
      logitBias: new Map(),
      seed: seed < 0 ? randomInt(2 ** 32) : seed % 2 ** 32,
    },
  }
}

/** Follows one answer, and ends it where its time is over. */
class Infill {
  readonly #body: InfillRequestBody
  readonly #model: string
  readonly #began = performance.now()
  #firstAt: number | null = null
  #text = ''
  #made = 0
  #stopped: InfillReply['stop_type'] = 'limit'
  #prompt = { tokens: 0, cached: 0 }

  constructor(body: InfillRequestBody, model: string) {
    this.#body = body
    this.#model = model
  }

  async *texts(events: AsyncIterable<EngineEvent>): AsyncGenerator<string> {
    let whole = false
    for await (const event of events) {
      if (event.type === 'start') {
        this.#prompt = { tokens: event.promptTokens, cached: event.cachedTokens ?? 0 }
        continue
      }
      this.#firstAt ??= performance.now()
      this.#text += event.text
      this.#made = event.type === 'end' ? event.completionTokens : this.#made + 1
      if (event.text !== '') yield event.text
      whole = event.type === 'end' || this.#late()
      if (event.type === 'end' && event.finishReason === 'stop') this.#stopped = 'eos'
      if (event.type === 'end' && event.usage)
        this.#prompt = { tokens: event.usage.promptTokens, cached: event.usage.cachedTokens }
      if (whole) break
    }
    if (!whole) throw new ApiError('client_closed_request')
  }

  #late(): boolean {
    const most = this.#body.t_max_predict_ms ?? 0
    return most > 0 && this.#text.includes('\n') && performance.now() - (this.#firstAt ?? 0) > most
  }

  reply(): Partial<InfillReply> {
    const end = performance.now()
    const first = this.#firstAt ?? end
    const whole: InfillReply = {
      index: 0,
      content: this.#body.stream === true ? '' : this.#text,
      stop: true,
      model: this.#model,
      tokens_predicted: this.#made,
      tokens_evaluated: this.#prompt.tokens,
      tokens_cached: this.#prompt.cached,
      truncated: false,
      stop_type: this.#stopped,
      has_new_line: this.#text.includes('\n'),
      timings: {
        ...paceOf('prompt', this.#prompt.tokens, first - this.#began),
        ...paceOf('predicted', this.#made, end - first),
      },
    }
    const wanted = this.#body.response_fields ?? []
    return wanted.length === 0 ? whole : Object.fromEntries(wanted.flatMap((path) => fieldAt(whole, path)))
  }
}

const paceOf = <P extends 'prompt' | 'predicted'>(part: P, n: number, ms: number) =>
  ({
    [`${part}_n`]: n,
    [`${part}_ms`]: ms,
    [`${part}_per_token_ms`]: n > 0 ? ms / n : 0,
    [`${part}_per_second`]: ms > 0 ? (1000 * n) / ms : 0,
  }) as Record<`${P}_${'n' | 'ms' | 'per_token_ms' | 'per_second'}`, number>

/** A field that was asked for, under the name by which it was: llama.cpp puts what is inside another one beside it. */
function fieldAt(reply: InfillReply, path: string): [string, unknown][] {
  let found: unknown = reply
  for (const part of path.split('/'))
    found = typeof found === 'object' && found !== null ? (found as Record<string, unknown>)[part] : undefined
  return found === undefined ? [] : [[path, found]]
}

async function stream(
  reply: FastifyReply,
  answer: Infill,
  events: AsyncIterable<EngineEvent>,
  { times, traffic, log }: Pick<RouteOptions, 'times' | 'traffic' | 'log'>,
): Promise<FastifyReply> {
  // Errors before the first piece are thrown, and become a reply with their status.
  const texts = answer.texts(events)
  let piece = await texts.next()
  reply.hijack()
  const out = new EventStream(reply.raw, times)
  out.open(definedHeaders(reply))
  try {
    for (; piece.done !== true; piece = await texts.next())
      await out.send(JSON.stringify({ index: 0, content: piece.value, stop: false }))
    await out.sendLast(JSON.stringify(answer.reply()))
  } catch (error) {
    await texts.return(undefined)
    const failure = asApiError(error, reply.request.id, log)
    traffic.failed(reply, failure.code)
    await sendFailure(reply, out, failure)
  } finally {
    out.end()
  }
  return reply
}
