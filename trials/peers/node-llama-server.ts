/**
 * node-llama-cpp as somebody would put it behind HTTP: its own completion and its own batching over as many sequences,
 * streamed as completions in OpenAI's form. A peer: started as a process by `npm run bench -- serve`.
 *
 *     node trials/peers/node-llama-server.ts FOLDER-WITH-node_modules FILE.gguf SEQUENCES THREADS
 */
import { createServer, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

interface Sequence {
  clearHistory(): Promise<void>
}
interface Context {
  getSequence(): Sequence
}
interface Model {
  createContext(options: object): Promise<Context>
}
interface Completion {
  generateCompletionWithMeta(
    prompt: string,
    options: object,
  ): Promise<{ response: string; metadata: { stopReason: string } }>
}
interface Package {
  getLlama(options: object): Promise<{ loadModel(options: object): Promise<Model> }>
  LlamaCompletion: new (options: { contextSequence: Sequence }) => Completion
}
interface Asked {
  prompt: string
  max_tokens: number
  temperature: number
}

const [folder, file, sequences, threads] = process.argv.slice(2)
const entry = pathToFileURL(join(folder, 'node_modules', 'node-llama-cpp', 'dist', 'index.js')).href
const { getLlama, LlamaCompletion } = (await import(entry)) as Package
const llama = await getLlama({ gpu: false, build: 'never', progressLogs: false, logLevel: 'error' })
const model = await llama.loadModel({ modelPath: file, gpuLayers: 0 })
const context = await model.createContext({
  sequences: Number(sequences),
  contextSize: 512,
  threads: Number(threads),
  batchSize: 512,
})
const free = Array.from({ length: Number(sequences) }, () => context.getSequence())

async function answer({ prompt, max_tokens: maxTokens, temperature }: Asked, response: ServerResponse): Promise<void> {
  const sequence = free.pop()
  if (sequence === undefined) return void response.writeHead(503).end()
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  let tokens = 0
  const event = (choices: object[], more: object = {}) =>
    response.write(`data: ${JSON.stringify({ object: 'text_completion', model: 'starter', choices, ...more })}\n\n`)
  try {
    await sequence.clearHistory()
    await new LlamaCompletion({ contextSequence: sequence }).generateCompletionWithMeta(prompt, {
      maxTokens,
      temperature,
      onToken: (ids: readonly number[]) => (tokens += ids.length),
      onTextChunk: (text: string) => event([{ index: 0, text, finish_reason: null }]),
    })
    event([], { usage: { prompt_tokens: 0, completion_tokens: tokens } })
    response.end('data: [DONE]\n\n')
  } finally {
    free.push(sequence)
  }
}

const server = createServer((request, response) => {
  response.on('error', () => {})
  const parts: Buffer[] = []
  request.on('data', (part) => parts.push(part))
  request.on('end', () => {
    answer(JSON.parse(Buffer.concat(parts).toString()) as Asked, response).catch(() => response.destroy())
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  console.log(JSON.stringify({ port: typeof address === 'object' && address !== null ? address.port : 0 }))
})
