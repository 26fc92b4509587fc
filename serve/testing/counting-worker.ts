/** A worker thread for tests: `LocalEngine`'s other half over a decoder without a model. */
import { parentPort, workerData } from 'node:worker_threads'
import { runWorker } from '../local/run-worker.ts'
import { ScriptedDecoder } from './scripted-decoder.ts'
import { scriptedPrompts } from './scripted-prompts.ts'

const { slots } = workerData as { slots: number }
const decoder = new ScriptedDecoder(slots, 5)
if (parentPort === null) throw new Error('runs in a worker thread')
const port = parentPort
// Opening a model takes a while; messages that arrive meanwhile must not be lost.
setTimeout(() => runWorker(port, decoder, scriptedPrompts(decoder.contextLength)), 500)
