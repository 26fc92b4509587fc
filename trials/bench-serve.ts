/** Our engine beside llama.cpp on the same starter weights, both behind the same port: tokens a second, time to the first. */
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { exportGguf } from '#model/gguf-export'
import { llamaInstalled } from '#model/llama-cpp'
import type { CompletionRequest, SamplingWish } from '#serve/engine'
import { LocalEngine } from '#serve/local-engine'
import { Figures } from '#trials/figures'

const starter = fileURLToPath(new URL('../starter', import.meta.url))
const open = {
  topK: null,
  topP: null,
  minP: null,
  repetitionPenalty: null,
  presencePenalty: null,
  frequencyPenalty: null,
}
const sampling: SamplingWish = { ...open, temperature: 1, logitBias: new Map(), seed: 1 }
const parallel = [1, 8, 32]

interface Speed {
  perSecond: number
  firstMs: number
}

/** `--tokens=128` an answer, `--rounds=3` in turn; of each the median. */
export async function main(args: string[]): Promise<void> {
  const whole = (name: string, otherwise: number) =>
    Number(args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3) ?? otherwise)
  const [tokens, rounds] = [whole('tokens', 128), whole('rounds', 3)]
  if (!llamaInstalled()) throw new Error("llama.cpp is not installed: 'dotline model llama-cpp install'")
  const folder = mkdtempSync(join(tmpdir(), 'dotline-serve-'))
  const figures = new Figures('npm run bench -- serve')
  try {
    const file = join(folder, 'starter.gguf')
    await exportGguf(starter, file, { dtype: 'f32' })
    const engines = { ours: new LocalEngine({ folder: starter }), llama: new LocalEngine({ folder: file, threads: 1 }) }
    await Promise.all(Object.values(engines).map((engine) => engine.ready()))
    figures.note(`answers of ${tokens} tokens, ${rounds} rounds in turn; load average ${loadavg()[0].toFixed(2)}`)
    for (const streams of parallel) {
      const speeds: Record<keyof typeof engines, Speed[]> = { ours: [], llama: [] }
      for (let round = 0; round < rounds; round++)
        for (const name of ['ours', 'llama'] as const)
          speeds[name].push(await measure(engines[name], streams, tokens, round))
      const middle = (name: keyof typeof engines, of: keyof Speed) => median(speeds[name].map((speed) => speed[of]))
      for (const name of ['ours', 'llama'] as const) {
        figures.record(`serve.${name}.${streams}.speed`, middle(name, 'perSecond'), 'tokens/s')
        figures.record(`serve.${name}.${streams}.first`, middle(name, 'firstMs'), 'ms to the first token')
      }
      figures.record(
        `serve.${streams}.ratio`,
        middle('ours', 'perSecond') / middle('llama', 'perSecond'),
        'ours / llama.cpp',
      )
    }
    await Promise.all(Object.values(engines).map((engine) => engine.close()))
  } finally {
    rmSync(folder, { recursive: true })
  }
  figures.finish()
}

async function measure(engine: LocalEngine, streams: number, maxTokens: number, round: number): Promise<Speed> {
  const [{ id: model }] = engine.models()
  const start = performance.now()
  const answers = Array.from({ length: streams }, async (_, at) => {
    // Nothing in common with another round, so that no prefix is found again.
    const prompts = [`${round} ${streams} ${at}: once upon a time there was a small house.`]
    const asked = { topLogprobs: null, choices: 1, suffix: null, echo: false, stop: [], model, prompts, maxTokens }
    const request: CompletionRequest = { ...asked, sampling: { ...sampling, seed: at }, owner: `${round}-${at}` }
    let [first, tokens] = [0, 0]
    for await (const event of engine.complete(request, new AbortController().signal)) {
      if (event.type === 'token' && tokens++ === 0) first = performance.now() - start
      if (event.type === 'end') tokens = event.completionTokens
    }
    return { first, tokens }
  })
  const ended = await Promise.all(answers)
  const seconds = (performance.now() - start) / 1000
  return {
    perSecond: ended.reduce((sum, { tokens }) => sum + tokens, 0) / seconds,
    firstMs: median(ended.map(({ first }) => first)),
  }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
