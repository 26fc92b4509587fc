/** The process in which llama.cpp answers: its native code may die without taking the server along. */
import { openGguf, openGgufEmbedder } from './local/open-gguf.ts'
import type { FromWorker, ToWorker, WorkerSettings } from './local/protocol.ts'
import { runEmbedder } from './local/run-embedder.ts'
import { runWorker } from './local/run-worker.ts'

const send = (message: FromWorker) => void process.send?.(message, undefined, undefined, () => {})

// The server is gone: nobody is left to answer.
process.on('disconnect', () => process.exit(0))
// Ctrl-C reaches the whole group; the server decides when answers in flight are at their end.
process.on('SIGINT', () => {})

process.once('message', (settings) => void serve(settings as WorkerSettings))

async function serve(settings: WorkerSettings): Promise<void> {
  const early: ToWorker[] = []
  const keep = (message: unknown) => void early.push(message as ToWorker)
  process.on('message', keep)
  try {
    const embedder = await openGgufEmbedder(settings)
    const model = embedder === null ? await openGguf(settings) : null
    process.off('message', keep)
    const port = {
      postMessage: send,
      on: (_: 'message', listener: (message: ToWorker) => void) => void process.on('message', listener),
      close: () => process.exit(0),
    }
    if (embedder !== null) runEmbedder(port, embedder)
    else if (model !== null) runWorker(port, model.decoder, model.prompts)
    for (const message of early) process.emit('message', message, undefined)
  } catch (error) {
    send({ type: 'failed', problem: error instanceof Error ? error.message : String(error) })
  }
}
