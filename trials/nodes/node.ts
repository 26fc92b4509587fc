/** One of several HTTP nodes on one PostgreSQL. `node node.ts FOLDER URL`; says where it listens. */
import { setInterval } from 'node:timers'
import { ScriptedEngine } from '#serve/scripted-engine'
import { startServer } from '#serve/start'

/** What every answer is made of, in tokens. */
const answerTokens = 40
const promptTokens = 10

const [dataFolder, databaseUrl] = process.argv.slice(2)
const words = Array.from({ length: answerTokens }, (_, at) => `w${at} `)
const engine = new ScriptedEngine({ tokens: () => words, promptTokens, delayMs: 25 })
const options = { host: '127.0.0.1', port: 0, modelFolder: '', pageFolder: null, dataFolder, databaseUrl }
const { url } = await startServer(options, () => engine)
console.log(JSON.stringify({ url, promptTokens }))
// Whoever started it is gone: so is this.
setInterval(() => process.ppid === 1 && process.exit(1), 500).unref()
