/** A server of its own process that keeps things in the folder given, before an engine that answers with what it was asked. */
import { setInterval } from 'node:timers'
import { ScriptedEngine } from '#serve/scripted-engine'
import { startServer } from '#serve/start'

/** Long enough that kills fall into answers, short enough that many end. */
const delayMs = 2

const [dataFolder] = process.argv.slice(2)
const engine = new ScriptedEngine({
  tokens: (request) => {
    const asked = 'messages' in request ? request.messages.at(-1)?.content : String(request.prompts[0])
    return answerTo(asked ?? '')
  },
  delayMs,
})

/** The question's words, and a number behind each. */
function answerTo(question: string): string[] {
  return Array.from({ length: 5 + (question.length % 40) }, (_, at) => `${question} ${at}; `)
}

const options = { host: '127.0.0.1', port: 0, modelFolder: '', pageFolder: null, dataFolder }
const { url } = await startServer(options, () => engine)
console.log(JSON.stringify({ url, pid: process.pid }))
// Whoever started it is gone: so is this.
setInterval(() => process.ppid === 1 && process.exit(1), 500).unref()
