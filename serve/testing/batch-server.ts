/** A server in a process of its own, to be killed: `node batch-server.ts FOLDER JOURNAL` prints its address. */
import { appendFileSync } from 'node:fs'
import type { ChatRequest, EngineEvent } from '#serve/engine'
import { openKeeping } from '#serve/keeping'
import { ScriptedEngine } from '#serve/scripted-engine'
import { createServer } from '#serve/server'

const [folder, journal] = process.argv.slice(2)
const engine = new ScriptedEngine({ tokens: () => ['a', 'b', 'c'], delayMs: 10 })
const chat = engine.chat.bind(engine)
engine.chat = (request, signal) => noted(request, chat(request, signal))

async function* noted({ messages: [{ content }] }: ChatRequest, events: AsyncIterable<EngineEvent>) {
  appendFileSync(journal, `begun ${content}\n`)
  yield* events
  appendFileSync(journal, `ended ${content}\n`)
}

const { store, people } = await openKeeping({ folder }, console.error)
const batchTimes = { leaseMs: 1500, turnMs: 60_000, pollMs: 50 }
const app = createServer({ engine, store, people, batchTimes })
console.log(await app.listen({ host: '127.0.0.1', port: 0 }))
