/** The thread in which our own model answers. Started by `LocalEngine`, with `WorkerSettings` as its data. */
import { parentPort, workerData } from 'node:worker_threads'
import { openModel } from './local/open-model.ts'
import type { FromWorker, WorkerSettings } from './local/protocol.ts'
import { runWorker } from './local/run-worker.ts'

if (parentPort === null) throw new Error('local-worker.ts runs in a worker thread that LocalEngine starts')

try {
  const { decoder, prompts } = await openModel(workerData as WorkerSettings)
  runWorker(parentPort, decoder, prompts)
} catch (error) {
  const problem = error instanceof Error ? error.message : String(error)
  parentPort.postMessage({ type: 'failed', problem } satisfies FromWorker)
}
