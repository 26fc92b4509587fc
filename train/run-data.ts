/** The data of a run: tokenizer, token files and manifest, made once and found again on resume. */
import { readFileSync, rmSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { type Manifest, readManifest } from '#data/manifest'
import { ChatFormat } from '#model/chat'
import { Tokenizer } from '#model/tokenizer'
import type { PreparationNews, PreparationTask } from './preparation/messages.ts'
import { type PrepareEvents, placesIn } from './preparation/prepare.ts'
import { corpusSources } from './preparation/sources.ts'
import type { RunConfig } from './run-config.ts'

export type { PrepareEvents } from './preparation/prepare.ts'
export { corpusSources }

export interface RunData {
  tokenizer: Tokenizer
  chat: ChatFormat
  manifest: Manifest
  /** The folder of token files and manifest. */
  folder: string
}

/** The signal came before the data was there. What was whole is kept, what was not is removed: prepare again. */
export class PreparationStopped extends Error {
  override name = 'PreparationStopped'
}

/**
 * Makes (or finds) a run's tokenizer and token files under its folder, in a thread of its own: it computes for minutes
 * without a pause, and Ctrl-C has to end it all the same. `base` is where relative paths start. Throws
 * PreparationStopped at the signal, within a moment.
 */
export async function prepareRunData(
  run: RunConfig,
  folder: string,
  base: string,
  events: PrepareEvents = {},
  signal?: AbortSignal,
): Promise<RunData> {
  const { tokenizer: tokenizerFile, data } = placesIn(folder)
  try {
    await inThread({ run, folder, base }, events, signal)
  } catch (error) {
    for (const path of [tokenizerFile, data]) rmSync(`${path}.partial`, { recursive: true, force: true })
    throw error
  }
  const tokenizer = Tokenizer.fromJson(JSON.parse(readFileSync(tokenizerFile, 'utf8')))
  return { tokenizer, chat: new ChatFormat(tokenizer), manifest: readManifest(data), folder: data }
}

async function inThread(task: PreparationTask, events: PrepareEvents, signal?: AbortSignal): Promise<void> {
  const worker = new Worker(new URL('./preparation/worker.ts', import.meta.url), { workerData: task })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  worker.on('message', (news: PreparationNews) => {
    if (news.kind === 'tokenizer') events.onTokenizer?.(news.done, news.total)
    else if (news.kind === 'corpus') events.onCorpus?.(news.progress)
    else resolve()
  })
  worker.on('error', reject)
  worker.on('exit', (code) => reject(new Error(`the thread that prepares the data ended with code ${code}`)))
  const stop = () => reject(new PreparationStopped('stopped while the data was being prepared'))
  if (signal?.aborted) stop()
  signal?.addEventListener('abort', stop, { once: true })
  try {
    await promise
  } finally {
    signal?.removeEventListener('abort', stop)
    await worker.terminate()
  }
}
