/** The thread in which our own model answers. Started by `LocalEngine`, with `WorkerSettings` as its data. */
import { parentPort, workerData } from 'node:worker_threads'
import { holdsEmbedder } from '#model/embedder-folder'
import { openEmbedder } from './local/open-embedder.ts'
import { openModel } from './local/open-model.ts'
import type { FromWorker, WorkerSettings } from './local/protocol.ts'
import { runEmbedder } from './local/run-embedder.ts'
import { runWorker } from './local/run-worker.ts'

if (parentPort === null) throw new Error('local-worker.ts runs in a worker thread that LocalEngine starts')

try {
  const settings = workerData as WorkerSettings
  if (await holdsEmbedder(settings.folder)) runEmbedder(parentPort, await openEmbedder(settings.folder))
  else {
    const { decoder, prompts } = await openModel(settings)
    runWorker(parentPort, decoder, prompts)
  }
} catch (error) {
  const problem = error instanceof Error ? error.message : String(error)
  parentPort.postMessage({ type: 'failed', problem } satisfies FromWorker)
}
