import { text as readAll } from 'node:stream/consumers'
import type { CompletionRequest, EngineEnd, EngineEvent, EngineToken } from '#serve/engine'
import { limits } from '#wire/limits'
import { texts } from '../catalogue.ts'
import { type Command, number, parse, UsageError } from '../command.ts'
import { type LocalModel, openLocalModel } from '../local-model.ts'
import { samplingOf, samplingOptions } from '../sampling.ts'
import { writeText } from '../terminal-text.ts'

const options = {
  ...samplingOptions,
  model: { type: 'string' },
  prompt: { type: 'string' },
  'fim-suffix': { type: 'string' },
  logprobs: { type: 'string' },
  threads: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

/** Where the text may end when no flag says: enough to see what a model makes of a prompt. */
const defaultMaxTokens = 256

async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parse(argv, options)
  if (positionals.length > 0) throw new UsageError(texts().usage.generateArgument(positionals[0]))
  const wish = samplingOf(values)
  const threads = number('threads', values.threads, { min: 1, max: 256, whole: true })
  const alternatives = number('logprobs', values.logprobs, { min: 0, max: limits.topLogprobs, whole: true })
  const prompt = values.prompt ?? (await standardInput())
  const model = await openLocalModel(values.model, threads)
  const request: CompletionRequest = {
    ...wish,
    maxTokens: wish.maxTokens ?? defaultMaxTokens,
    model: model.id,
    topLogprobs: values.json ? (alternatives ?? 0) : null,
    choices: 1,
    prompts: [prompt],
    suffix: values['fim-suffix'] ?? null,
    echo: false,
  }
  try {
    return await write(model, request, values.json)
  } finally {
    await model.engine.close()
  }
}

async function standardInput(): Promise<string> {
  if (process.stdin.isTTY) throw new UsageError(texts().usage.noPrompt)
  return await readAll(process.stdin)
}

interface Written {
  text: string
  tokens: EngineToken[]
  promptTokens: number
  completionTokens: number
  finishReason: EngineEnd['finishReason'] | 'interrupted'
}

async function write(model: LocalModel, request: CompletionRequest, json: boolean): Promise<number> {
  const stop = new AbortController()
  const interrupt = () => stop.abort()
  process.once('SIGINT', interrupt)
  const written: Written = { text: '', tokens: [], promptTokens: 0, completionTokens: 0, finishReason: 'interrupted' }
  const began = performance.now()
  for await (const event of model.engine.complete(request, stop.signal)) {
    take(event, written)
    if (!json && event.type !== 'start') writeText(event.text)
  }
  process.off('SIGINT', interrupt)
  const seconds = (performance.now() - began) / 1000
  if (json) console.log(JSON.stringify(reported(model.id, request, written, seconds)))
  else process.stdout.write('\n')
  return written.finishReason === 'interrupted' ? 130 : 0
}

function take(event: EngineEvent, written: Written): void {
  if (event.type === 'start') {
    written.promptTokens = event.promptTokens
    return
  }
  written.text += event.text
  if (event.type === 'token') {
    written.tokens.push(event)
    written.completionTokens++
  } else {
    written.finishReason = event.finishReason
    written.completionTokens = event.completionTokens
  }
}

function reported(model: string, { prompts, suffix, sampling }: CompletionRequest, written: Written, seconds: number) {
  const { text, tokens, promptTokens, completionTokens, finishReason } = written
  return {
    model,
    prompt: prompts[0],
    suffix,
    text,
    finish_reason: finishReason,
    seed: sampling.seed,
    usage: {
      prompt_tokens: promptTokens,
      completion_tokens: completionTokens,
      total_tokens: promptTokens + completionTokens,
    },
    seconds: Number(seconds.toFixed(3)),
    tokens: tokens.map(({ logprob, top }) => ({ ...(logprob && shown(logprob)), top: top.map(shown) })),
  }
}

/** A token may hold a part of a character: its bytes say what its text cannot. */
const shown = ({ id, bytes, logprob }: NonNullable<EngineToken['logprob']>) => ({
  id,
  token: Buffer.from(bytes).toString('utf8'),
  bytes: [...bytes],
  logprob,
})

export const generate: Command = { run }
