import type { MessagePort } from 'node:worker_threads'
import type { Decoder } from '#model/decoding'
import type { Prompts } from './prompts.ts'
import type { FromWorker, ToWorker } from './protocol.ts'
import { Scheduler } from './scheduler.ts'

/**
 * Serves a decoder over a port until `close` is said. Messages sent before this call were kept by the port. An error
 * that is not the client's is thrown and ends the thread: its owner answers the waiting requests and starts another.
 */
export function runWorker(port: MessagePort, decoder: Decoder, prompts: Prompts): void {
  const post = (message: FromWorker) => port.postMessage(message)
  const scheduler = new Scheduler(decoder, prompts, (reports) => post({ type: 'reports', reports }))
  port.on('message', (message: ToWorker) => {
    if (message.type === 'chat') scheduler.chat(message.id, message.request)
    else if (message.type === 'complete') scheduler.complete(message.id, message.request)
    else if (message.type === 'cancel') scheduler.cancel(message.id)
    else void scheduler.close().then(() => port.close())
  })
  post({ type: 'ready', contextLength: decoder.contextLength })
}
