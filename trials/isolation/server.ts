/** A server of its own process whose model says again what it was asked: `node server.ts <folder>`. Its log is its standard error. */
import { join } from 'node:path'
import { setInterval } from 'node:timers'
import type { ChatRequest, CompletionRequest } from '#serve/engine'
import { ScriptedEngine } from '#serve/scripted-engine'
import { startServer } from '#serve/start'

const [folder] = process.argv.slice(2)

/** Word by word, so that a canary travels whole. Asked for a title, it makes one of what was said before. */
function answerTo(request: ChatRequest | CompletionRequest): string[] {
  if (!('messages' in request)) return words(String(request.prompts[0]))
  const said = request.messages.map(({ content }) => content)
  const title = request.background === true && said.length === 3
  return title ? ['About ', canaryIn(said[0])] : words(said.join(' '))
}

const words = (text: string): string[] => text.split(/(?<= )/).slice(0, 40)
const canaryIn = (text: string): string => /canary\w+/.exec(text)?.[0] ?? 'nothing'

const engine = new ScriptedEngine({ tokens: answerTo, delayMs: 1 })
// It would keep every request that it was ever sent.
setInterval(() => engine.requests.splice(0), 1000).unref()

const { url } = await startServer(
  {
    host: '127.0.0.1',
    port: 0,
    modelFolder: '',
    pageFolder: null,
    dataFolder: join(folder, 'data'),
    logFormat: 'json',
    spans: { to: { file: join(folder, 'spans.jsonl') }, service: 'dotline', content: false },
    drainMs: 300,
    log: (line) => process.stderr.write(`${line}\n`),
  },
  () => engine,
).then((server) => {
  process.once('SIGTERM', () => void server.close().then(() => process.exit(0)))
  return server
})
console.log(JSON.stringify({ url }))
// Whoever started it is gone: so is this.
setInterval(() => process.ppid === 1 && process.exit(1), 500).unref()
