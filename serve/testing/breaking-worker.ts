/** A worker thread for tests whose decoder breaks in its fourth step. */
import { parentPort } from 'node:worker_threads'
import { runWorker } from '../local/run-worker.ts'
import { ScriptedDecoder } from './scripted-decoder.ts'
import { scriptedPrompts } from './scripted-prompts.ts'

const decoder = new ScriptedDecoder(4, 1)
decoder.breakAt = 4
if (parentPort === null) throw new Error('runs in a worker thread')
runWorker(parentPort, decoder, scriptedPrompts(decoder.contextLength))
