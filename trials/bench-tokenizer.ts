import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { Tokenizer as PeerTokenizer } from '@huggingface/tokenizers'
import { specialTokens } from '#model/chat'
import type { Tokenizer } from '#model/tokenizer'
import { trainTokenizer } from '#model/tokenizer-training'
import { Figures } from '#trials/figures'

const merges = 8000
const corpusBytes = 20_000_000
const rounds = 9
const roundBytes = 200_000

/**
 * Trains 8,000 merges on 20 MB of Chinese and English, half each where there is enough, then encodes the same text, and
 * parts of it in turns with `@huggingface/tokenizers`; time is processor time. `--data` names a folder with `pretrain-*.jsonl.gz`, or files
 * (`.jsonl`, `.txt`, each also `.gz`); by default ../shared/data, and where that is missing, generated text.
 */
export async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    strict: false,
    options: { data: { type: 'string', multiple: true, default: ['../shared/data'] } },
  })
  const figures = new Figures('npm run bench -- tokenizer')
  const { texts, origin } = readCorpus(values.data as string[])
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  figures.note(`text: ${(bytes / 1e6).toFixed(1)} MB ${origin}, in ${texts.length} documents`)

  const vocabSize = 256 + merges + specialTokens.length
  const started = performance.now()
  const used = processorSeconds()
  const tokenizer = trainTokenizer(texts, { vocabSize, specialTokens: [...specialTokens] })
  const trained = processorSeconds() - used
  figures.record('tokenizer training, 8,000 merges over 20 MB', trained, 's of one core', { op: '<=', value: 60 })

  const whole = encode(tokenizer, texts)
  figures.record('tokenizer encoding', bytes / 1e6 / whole.seconds, 'MB/s of one core', { op: '>=', value: 5 })
  figures.record('tokenizer compression', bytes / whole.tokens, 'bytes/token')
  comparePeer(figures, tokenizer, texts)
  const share = (processorSeconds() - used) / ((performance.now() - started) / 1000)
  figures.note(
    `processor time over elapsed time: ${share.toFixed(2)} (well below 1: the machine was busy with other work)`,
  )
  figures.finish()
}

/** Processor time of all threads of this process: what the work costs, whatever else the machine does. */
function processorSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

function encode(tokenizer: Tokenizer, texts: readonly string[]): { tokens: number; seconds: number } {
  const used = processorSeconds()
  let tokens = 0
  for (const text of texts) tokens += tokenizer.encode(text).length
  return { tokens, seconds: processorSeconds() - used }
}

/** Both encode the same text in turns; a text that either has seen before is never used again. */
function comparePeer(figures: Figures, tokenizer: Tokenizer, texts: readonly string[]): void {
  const peer = new PeerTokenizer({ ...tokenizer.toJson(), added_tokens: [] }, {})
  const ratios: number[] = []
  const speeds: number[] = []
  let next = 0
  for (let round = 0; round < rounds && next < texts.length; round++) {
    const part: string[] = []
    let bytes = 0
    for (; next < texts.length && bytes < roundBytes; next++) {
      part.push(texts[next])
      bytes += Buffer.byteLength(texts[next])
    }
    const ours = encode(tokenizer, part)
    const used = processorSeconds()
    let peerTokens = 0
    for (const text of part) peerTokens += peer.encode(text, { add_special_tokens: false }).ids.length
    const peerSeconds = processorSeconds() - used
    if (peerTokens !== ours.tokens) throw new Error(`the peer gives ${peerTokens} tokens where we give ${ours.tokens}`)
    ratios.push(peerSeconds / ours.seconds)
    speeds.push(bytes / 1e6 / peerSeconds)
  }
  figures.record('@huggingface/tokenizers encoding', median(speeds), 'MB/s of one core')
  figures.record('tokenizer encoding against @huggingface/tokenizers', median(ratios), 'times', { op: '>=', value: 1 })
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]

/** Documents of at most about 5,000 characters, Chinese and English files in turns, to 20 MB in all. */
function readCorpus(places: string[]): { texts: string[]; origin: string } {
  const files = places.filter(existsSync).flatMap((place) => (statSync(place).isDirectory() ? filesIn(place) : [place]))
  if (files.length === 0) return { texts: generated(), origin: 'generated' }
  const queues = files.map(documents)
  const texts: string[] = []
  let bytes = 0
  while (bytes < corpusBytes) {
    let some = false
    for (const queue of queues) {
      const { value } = queue.next()
      if (value === undefined || bytes >= corpusBytes) continue
      some = true
      texts.push(value)
      bytes += Buffer.byteLength(value)
    }
    if (!some) break
  }
  return { texts, origin: `of ${files.map((file) => path.basename(file)).join(', ')}` }
}

function filesIn(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => /^pretrain-.*\.(jsonl|txt)(\.gz)?$/.test(name))
  return names.sort().map((name) => path.join(folder, name))
}

function* documents(file: string): Generator<string, undefined> {
  const raw = readFileSync(file)
  const text = (file.endsWith('.gz') ? gunzipSync(raw) : raw).toString('utf8')
  const pieces = /\.jsonl(\.gz)?$/.test(file) ? text.split('\n').filter(Boolean).map(textOf) : [text]
  for (const piece of pieces) for (let at = 0; at < piece.length; at += 5000) yield piece.slice(at, at + 5000)
}

function textOf(line: string): string {
  const { text } = JSON.parse(line) as { text?: unknown }
  return typeof text === 'string' ? text : ''
}

/** Sentences of made-up words whose frequencies fall as Zipf's law has it: English syllables, and runs of Han. */
function generated(): string[] {
  let state = 1
  const below = (bound: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
  const zipf = (bound: number) => Math.floor(bound ** (below(1 << 20) / (1 << 20))) % bound
  const syllables = 'ba con de er fi gra ho ing ja ki lo men na or pre qu ro st tion un ver wa xi y zo'.split(' ')
  const word = (rank: number) => {
    let out = ''
    for (let left = rank + 1; left > 0; left = Math.floor(left / syllables.length))
      out += syllables[left % syllables.length]
    return out
  }
  const han = () => String.fromCharCode(0x4e00 + ((zipf(3000) * 37) % 0x5000))
  const english = () => `${Array.from({ length: 5 + below(15) }, () => word(zipf(30_000))).join(' ')}. `
  const chinese = () => `${Array.from({ length: 4 + below(12) }, han).join('')}${'，。，、！'[below(5)]}`
  const texts: string[] = []
  for (let bytes = 0; bytes < corpusBytes; bytes += Buffer.byteLength(texts[texts.length - 1])) {
    const sentence = texts.length % 2 === 0 ? english : chinese
    texts.push(Array.from({ length: 60 }, sentence).join(''))
  }
  return texts
}
