import { ApiError } from '#wire/errors'
import { type Embedder, embedAll } from './embedder.ts'
import { type FromWorker, noFigures, type ToWorker } from './protocol.ts'
import type { Port } from './run-worker.ts'

const wordless = new ApiError(
  'unsupported_value',
  'This model makes embeddings and answers nothing. Name a model that chats.',
  'model',
)

/** Serves an embedding model over a port until `close` is said, one request after the other. */
export function runEmbedder(port: Port, embedder: Embedder): void {
  const post = (message: FromWorker) => port.postMessage(message)
  const figures = noFigures()
  const perform = async (message: ToWorker): Promise<void> => {
    if (message.type === 'embed') {
      post({ type: 'vectors', id: message.id, ...(await made(embedder, message)) })
    } else if (message.type === 'tokenize') {
      post({ type: 'tokens', id: message.id, ids: message.texts.map((text) => Array.from(embedder.encode(text))) })
    } else if (message.type === 'chat' || message.type === 'complete') {
      post({ type: 'reports', reports: [{ id: message.id, events: [], refusal: refusalOf(wordless) }], figures })
    } else if (message.type === 'close') {
      await embedder.close()
      port.close()
    }
  }
  let turn = Promise.resolve()
  port.on('message', (message) => {
    // What fails here is not the client's doing: it ends the thread, whose owner answers those who wait.
    turn = turn.then(() => perform(message))
  })
  post({ type: 'ready', contextLength: embedder.contextLength, capabilities: ['embeddings', 'tokenize'] })
}

async function made(embedder: Embedder, { request }: Extract<ToWorker, { type: 'embed' }>) {
  try {
    return { made: await embedAll(embedder, request), refusal: null }
  } catch (error) {
    if (error instanceof ApiError) return { made: null, refusal: refusalOf(error) }
    throw error
  }
}

const refusalOf = ({ code, message, param }: ApiError) => ({ code, detail: message, param })
