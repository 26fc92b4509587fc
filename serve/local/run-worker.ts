import type { DecodeEvent, Decoder } from '#model/decoding'
import { batchBounds } from '#serve/engine'
import type { Prompts } from './prompts.ts'
import { type Figures, type FromWorker, noFigures, type ToWorker } from './protocol.ts'
import { Scheduler } from './scheduler.ts'

/** What is said to somebody who asks a model that writes for vectors. */
const wordy = {
  code: 'unsupported_value',
  detail: 'This model answers in words and makes no embeddings. Name a model that does.',
  param: 'model',
} as const

/** What a thread's and a process's ports have in common. */
export interface Port {
  postMessage(message: FromWorker): void
  on(event: 'message', listener: (message: ToWorker) => void): void
  close(): void
}

/**
 * Serves a decoder over a port until `close` is said. Messages sent before this call were kept by the port. An error
 * that is not the client's is thrown and ends the thread: its owner answers the waiting requests and starts another.
 */
export function runWorker(port: Port, decoder: Decoder, prompts: Prompts): void {
  const post = (message: FromWorker) => port.postMessage(message)
  const figures = noFigures()
  const scheduler = new Scheduler(counted(decoder, figures, post), prompts, (reports) =>
    post({ type: 'reports', reports, figures }),
  )
  port.on('message', (message: ToWorker) => {
    if (message.type === 'chat') scheduler.chat(message.id, message.request)
    else if (message.type === 'complete') scheduler.complete(message.id, message.request)
    else if (message.type === 'cancel') scheduler.cancel(message.id)
    else if (message.type === 'tokenize')
      post({ type: 'tokens', id: message.id, ids: message.texts.map((text) => [...prompts.text(text)]) })
    else if (message.type === 'embed') post({ type: 'vectors', id: message.id, made: null, refusal: wordy })
    else void scheduler.close().then(() => port.close())
  })
  const { contextLength } = decoder
  post({ type: 'ready', contextLength, capabilities: prompts.capabilities })
}

/** The decoder, which counts; what was computed last for a reader who has left is told when nothing else will be. */
function counted(decoder: Decoder, figures: Figures, post: (message: FromWorker) => void): Decoder {
  return {
    get contextLength() {
      return decoder.contextLength
    },
    get pending() {
      return decoder.pending
    },
    get cacheBytes() {
      return decoder.cacheBytes
    },
    add: (request) => decoder.add(request),
    cancel: (sequence) => decoder.cancel(sequence),
    close: () => decoder.close(),
    async step() {
      const events = await decoder.step()
      for (const event of events) if (event.type === 'token') figures.computedTokens++
      countBatch(figures.batches, events)
      figures.cacheBytes = decoder.cacheBytes
      if (decoder.pending === 0) post({ type: 'reports', reports: [], figures })
      return events
    },
  }
}

/** A step that only read prompts went on with no answer. */
function countBatch(batches: Figures['batches'], events: readonly DecodeEvent[]): void {
  const size = new Set(events.flatMap(({ type, sequence }) => (type === 'token' ? [sequence] : []))).size
  if (size === 0) return
  const at = batchBounds.findIndex((bound) => size <= bound)
  batches.counts[at < 0 ? batchBounds.length : at]++
  batches.sum += size
}
