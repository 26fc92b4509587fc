/** Makes what a run learns from: its tokenizer, then its token files and their manifest. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { writeDurably } from '#data/durable'
import { type PrepareProgress, prepareCorpus } from '#data/prepare'
import { ChatFormat, endOfText, padding, specialTokens } from '#model/chat'
import { Tokenizer } from '#model/tokenizer'
import { characterTokenizer, trainTokenizer } from '#model/tokenizer-training'
import { normalFormOf } from '#model/weights'
import { modelConfig, type RunConfig, RunConfigError, type RunSource } from '../run-config.ts'
import { corpusSource, documentsOf, located } from './sources.ts'

/** Where things lie in a run's folder. */
export const placesIn = (folder: string) => ({
  tokenizer: join(folder, 'tokenizer.json'),
  data: join(folder, 'data'),
})

export interface PrepareEvents {
  onTokenizer?: (done: number, total: number) => void
  onCorpus?: (progress: PrepareProgress) => void
}

/** Makes (or finds) a run's tokenizer and token files under its folder. `base` is where relative paths start. */
export async function prepareInFolder(run: RunConfig, folder: string, base: string, events: PrepareEvents) {
  mkdirSync(folder, { recursive: true })
  const sources = run.data.map((s) => located(s, base)).filter((s) => s !== null)
  if (sources.length === 0) throw new RunConfigError('data: none of the sources is there')
  const tokenizer = await runTokenizer(run, folder, base, sources, events)
  await prepareCorpus({
    sources: sources.map((s) => corpusSource(s, run.seed)),
    tokenizer,
    chat: new ChatFormat(tokenizer),
    outDir: placesIn(folder).data,
    validationFraction: run.validationShare,
    seed: run.seed,
    fillInMiddle: run.fillInMiddle > 0 ? { rate: run.fillInMiddle } : undefined,
    onProgress: events.onCorpus,
  })
}

async function runTokenizer(
  run: RunConfig,
  folder: string,
  base: string,
  sources: readonly RunSource[],
  events: PrepareEvents,
): Promise<Tokenizer> {
  const path = placesIn(folder).tokenizer
  if (existsSync(path)) return Tokenizer.fromJson(JSON.parse(readFileSync(path, 'utf8')))
  const tokenizer = inShapeOf(run, await makeTokenizer(run, base, sources, events))
  writeDurably(path, JSON.stringify(tokenizer.toJson()))
  return tokenizer
}

/** What a model's shape does to text when it is published, its training does too. */
function inShapeOf(run: RunConfig, tokenizer: Tokenizer): Tokenizer {
  const form = run.init ? null : normalFormOf(modelConfig(run, tokenizer.vocabSize))
  return form === null ? tokenizer : tokenizer.normalizing(form)
}

async function makeTokenizer(run: RunConfig, base: string, sources: readonly RunSource[], events: PrepareEvents) {
  const wanted = run.tokenizer ?? (run.init ? { kind: 'folder' as const, folder: run.init } : null)
  if (!wanted) throw new RunConfigError('tokenizer: say characters, bpe or folder')
  if (wanted.kind === 'folder') return Tokenizer.open(resolve(base, wanted.folder))
  const sample = await sampleTexts(
    sources,
    run.seed,
    wanted.kind === 'bpe' ? wanted.sampleBytes : Number.POSITIVE_INFINITY,
  )
  if (wanted.kind === 'characters') return characterTokenizer(sample, { specialTokens: [endOfText, padding] })
  const trained = trainTokenizer(wanted.lowercase ? sample.map((text) => text.toLowerCase()) : sample, {
    vocabSize: wanted.vocabSize,
    specialTokens: [...specialTokens],
    onProgress: (done, total) => events.onTokenizer?.(done, total),
  })
  return wanted.lowercase ? trained.normalizing('NFC', true) : trained
}

/** Texts from the beginning of every source, each source in equal measure, up to a number of characters in all. */
async function sampleTexts(sources: readonly RunSource[], seed: number, limit: number): Promise<string[]> {
  const texts: string[] = []
  for (const source of sources) {
    let room = limit / sources.length
    for await (const document of documentsOf(source, seed)) {
      const text = document.text ?? document.messages?.map((m) => m.content).join('\n') ?? ''
      texts.push(text.slice(0, room))
      room -= text.length
      if (room <= 0) break
    }
  }
  return texts
}
