import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { verifyManifest } from '#data/manifest'
import { PackedBatches } from '#data/packing'
import { batchSources, prepareCorpus } from '#data/prepare'
import { seededRandom } from '#data/shuffle'
import { specialTokens } from '#model/chat'
import { trainTokenizer } from '#model/tokenizer-training'
import { Figures } from '#trials/figures'

/** Words of both languages with the frequencies of natural text (Zipf). */
function lexicon(seed: number): string[] {
  const random = seededRandom(seed)
  const letters = 'etaoinshrdlucmfwypvbgkqjxz'
  const pick = (size: number) => Math.floor(random() ** 2 * size)
  return Array.from({ length: 20_000 }, (_, i) =>
    i % 3 === 0
      ? Array.from({ length: 1 + pick(3) }, () => String.fromCharCode(0x4e00 + pick(3000))).join('')
      : ` ${Array.from({ length: 2 + pick(9) }, () => letters[pick(26)]).join('')}`,
  )
}

/** Documents of a few thousand characters; one in fifty nearly repeats the one before. */
function* documents(words: string[], seed: number): Generator<string> {
  const random = seededRandom(seed)
  let last = ''
  for (;;) {
    if (last && random() < 0.02) yield `${last} again`
    const parts: string[] = []
    const length = 100 + Math.floor(random() ** 3 * 3000)
    while (parts.length < length) {
      const rank = Math.floor(words.length ** random()) - 1
      parts.push(words[rank], random() < 0.08 ? '. ' : '')
    }
    last = parts.join('')
    yield last
  }
}

/** Writes JSONL of about `bytes` bytes. */
function writeCorpus(path: string, words: string[], bytes: number): void {
  const descriptor = openSync(path, 'w')
  let written = 0
  for (const text of documents(words, 2)) {
    written += writeSync(descriptor, `${JSON.stringify({ text })}\n`)
    if (written >= bytes) break
  }
  closeSync(descriptor)
}

/**
 * Streams generated text (`--megabytes`, default 1000) from a file through reading, cleaning, duplicate search, shuffle
 * and encoding to token files, then draws batches: the peak memory of the whole process and the speed.
 */
export async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      megabytes: { type: 'string', default: '1000' },
      log: { type: 'boolean' },
      check: { type: 'boolean' },
    },
  })
  const megabytes = Number(values.megabytes)
  if (!(megabytes >= 1)) throw new RangeError(`--megabytes must be at least 1, got ${values.megabytes}`)
  const folder = mkdtempSync(join(tmpdir(), 'dotline-bench-data-'))
  try {
    await measure(folder, megabytes, new Figures('npm run bench -- data'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function measure(folder: string, megabytes: number, figures: Figures): Promise<void> {
  const words = lexicon(1)
  const path = join(folder, 'corpus.jsonl')
  writeCorpus(path, words, megabytes * 1e6)
  const sample: string[] = []
  for (const text of documents(words, 3)) if (sample.push(text) === 1000) break
  const tokenizer = trainTokenizer(sample, { vocabSize: 4096, specialTokens: [...specialTokens] })
  const outDir = join(folder, 'prepared')
  const begun = performance.now()
  const manifest = await prepareCorpus({
    sources: [{ name: 'corpus', path, source: 'generated', licence: 'CC0-1.0', kind: 'text' }],
    tokenizer,
    outDir,
    seed: 1,
    onProgress: ({ documents, bytes }) => {
      if (documents % 65_536 === 0 && documents > 0)
        console.log(`${documents} documents, ${Math.round(bytes / 1e6)} MB`)
    },
  })
  const seconds = (performance.now() - begun) / 1000
  const { ok } = await verifyManifest(outDir)
  if (!ok) throw new Error('the manifest does not hold against the data that was just prepared')
  const batchRate = drawBatches(outDir)
  figures.note(`${manifest.totals.documents} documents, ${manifest.sources[0].removed.near} near-duplicates removed`)
  figures.record('corpus size', statSync(path).size / 1e6, 'MB')
  figures.record('prepare speed', manifest.totals.bytes / 1e6 / seconds, 'MB/s')
  figures.record('batches of 8 × 256', batchRate, 'per second')
  figures.record('peak memory of the process', (process.resourceUsage().maxRSS * 1024) / 1e6, 'MB', {
    op: '<',
    value: 1000,
  })
  figures.finish()
}

/** Batches per second out of the prepared folder. */
function drawBatches(folder: string): number {
  const sources = batchSources(folder, 'train', 256)
  const batches = new PackedBatches({ sources, batch: 8, sequence: 256, seed: 1 })
  const rounds = 2000
  const begun = performance.now()
  for (let i = 0; i < rounds; i++) batches.next()
  batches.close()
  return (rounds / (performance.now() - begun)) * 1000
}
