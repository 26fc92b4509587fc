/** llama.cpp continues the exported starter token for token as our own engine does: 50 greedy prompts in both languages. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openDecoder } from '#model/decoder'
import { type Decoder, greedy } from '#model/decoding'
import { exportGguf, type GgufDtype } from '#model/gguf-export'
import { llamaInstalled, openLlama } from '#model/llama-cpp'
import { Tokenizer } from '#model/tokenizer'
import { Figures } from '#trials/figures'

const starter = fileURLToPath(new URL('../starter', import.meta.url))

const subjects = [
  ['the sea', '大海'],
  ['a small house', '一座小房子'],
  ['bread and tea', '面包和茶'],
  ['the number 1234', '数字 1234'],
  ["a friend who can't sleep", '一个睡不着的朋友'],
]
const forms = [
  [(what: string) => `Once upon a time there was ${what}.`, (what: string) => `从前有${what}。`],
  [(what: string) => `Q: What is ${what}?\nA:`, (what: string) => `问：${what}是什么？\n答：`],
  [(what: string) => `  - ${what}:\n\n\t`, (what: string) => `　　${what}：\n\n`],
  [(what: string) => `def f(x): # ${what}\n    return`, (what: string) => `“${what}”——`],
  [(what: string) => `I'll write about ${what}, and you've`, (what: string) => `我们今天谈谈${what}，`],
]
export const prompts: readonly string[] = forms.flatMap(([english, chinese]) =>
  subjects.flatMap(([thing, ding]) => [english(thing), chinese(ding)]),
)

export interface Parity {
  prompts: number
  /** Prompts that both read as the same tokens, and those that they went on with alike to the last token. */
  sameIds: number
  same: number
  tokens: number
}

/** Greedy continuations of `count` prompts by both, of `maxTokens` tokens each. */
export async function parity(dtype: GgufDtype, count: number, maxTokens: number): Promise<Parity> {
  const folder = mkdtempSync(join(tmpdir(), 'dotline-parity-'))
  const file = join(folder, 'starter.gguf')
  try {
    await exportGguf(starter, file, { dtype })
    const tokenizer = await Tokenizer.open(starter)
    // Evenly from all of them, so that a few cover both languages too.
    const chosen = prompts.filter(
      (_, at) => Math.floor((at * count) / prompts.length) !== Math.floor(((at - 1) * count) / prompts.length),
    )
    const read = chosen.map((prompt) => tokenizer.encode(prompt))
    const ours = await openDecoder(starter, { slots: 8, threads: 1 })
    const one = await continuations(ours, read, maxTokens)
    await ours.close()
    const theirs = await openLlama(file, { slots: 8, threads: 1, batchBytes: 1 << 30, exact: dtype === 'f32' })
    const sameIds = chosen.filter((prompt, at) => theirs.tokens.encode(prompt).join() === read[at].join()).length
    const other = await continuations(theirs.decoder, read, maxTokens)
    await theirs.decoder.close()
    const same = one.filter((ids, at) => ids.join() === other[at].join()).length
    return { prompts: chosen.length, sameIds, same, tokens: one.reduce((sum, ids) => sum + ids.length, 0) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function continuations(
  decoder: Decoder,
  prompts: readonly Uint32Array[],
  maxTokens: number,
): Promise<number[][]> {
  const request = { maxTokens, sampling: greedy, stop: [], stopIds: [], topLogprobs: null }
  const places = new Map(prompts.map((promptIds, at) => [decoder.add({ ...request, promptIds }), at]))
  const written: number[][] = prompts.map(() => [])
  while (decoder.pending > 0)
    for (const event of await decoder.step())
      if (event.type === 'token') written[places.get(event.sequence) ?? 0].push(event.id)
  return written
}

/** `--tokens=64` a prompt. */
export async function main(args: string[]): Promise<void> {
  const tokens = Number(args.find((arg) => arg.startsWith('--tokens='))?.slice(9) ?? 64)
  if (!Number.isSafeInteger(tokens) || tokens < 1) throw new RangeError('--tokens takes a whole number above 0')
  if (!llamaInstalled()) throw new Error("llama.cpp is not installed: 'dotline model llama-cpp install'")
  const figures = new Figures('npm run trials -- llama-parity')
  figures.note(`${prompts.length} greedy prompts, half English, half Chinese, ${tokens} tokens each`)
  for (const dtype of ['f32', 'f16', 'q8_0'] as const) {
    const { same, sameIds, prompts: all } = await parity(dtype, prompts.length, tokens)
    figures.record(`llama-parity.${dtype}.read`, sameIds, `of ${all} prompts`, { op: '=', value: all })
    // From f16 and q8_0 llama.cpp rounds what it multiplies as well, so that close decisions fall otherwise.
    const goal = dtype === 'f32' ? { op: '=' as const, value: all } : undefined
    figures.record(`llama-parity.${dtype}.same`, same, `of ${all} continuations`, goal)
  }
  figures.finish()
}
