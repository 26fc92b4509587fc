import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openChatConfig } from '#model/chat-config'
import { type RunningServer, StartError, startServer } from '#serve/start'
import { type Command, number, parse, UsageError } from '../command.ts'
import { languageOf } from '../language.ts'
import { type ChosenModel, chooseModel } from '../shipped-model.ts'
import { pageMissing, ready, type Served, stopped, stopping, welcome } from './serve/welcome.ts'

const help = `dotline serve: serve a model: the page, and the API that OpenAI clients speak

Usage:
  dotline serve [--model FOLDER] [--port 8787] [--host 127.0.0.1]

Options:
  --model FOLDER       a model in Hugging Face's layout, or a finished run (default: the starter model)
  --name NAME          the name that clients use (default: the folder's)
  --port N             default: the variable PORT, else 8787; 0 takes any free port
  --host ADDRESS       default 127.0.0.1: this machine alone
  --allow-public       listen beyond this machine although nobody has to log in
  --allow-host NAME    another host name to answer to, such as a proxy's (repeatable)
  --slots N            sequences decoded together (default 32)
  --threads N          threads of a matrix product (default 2)
  --no-page            the API alone
  --json               events as JSON lines on standard output: listening, ready, stopped

Ctrl-C lets the answers in flight finish (10 s at most), then stops; pressed again it stops at once.
Exit codes: 0 stopped on request, 1 failed, 2 wrong usage, 130 stopped at once.`

const options = {
  model: { type: 'string' },
  name: { type: 'string' },
  port: { type: 'string' },
  host: { type: 'string', default: '127.0.0.1' },
  'allow-public': { type: 'boolean', default: false },
  'allow-host': { type: 'string', multiple: true },
  slots: { type: 'string' },
  threads: { type: 'string' },
  'no-page': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const

const defaultPort = 8787
const pageFolder = fileURLToPath(new URL('../../dist/page', import.meta.url))

type Values = ReturnType<typeof parse<typeof options>>['values']

async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parse(argv, options)
  if (positionals.length > 0) throw new UsageError(`serve takes no arguments, only options: "${positionals[0]}"`)
  const language = languageOf(process.env)
  const say = (text: string, event: object) => console.log(values.json ? JSON.stringify(event) : text)
  const page = !values['no-page'] && existsSync(join(pageFolder, 'index.html'))
  if (!page && !values['no-page']) console.error(pageMissing[language])
  const loaded = Promise.withResolvers<string | null>()
  const model = chooseModel(values.model)
  const server = await start(values, model, page, ({ problem }) => loaded.resolve(problem)).catch(nameOptions)
  const served: Served = { url: server.url, model: server.model, page, chat: await converses(model) }
  say(welcome(language, served), { event: 'listening', ...served, pid: process.pid })
  const end = stopRequest(() => console.error(stopping[language]))
  const first = await Promise.race([loaded.promise, end])
  if (typeof first === 'string') {
    await server.close(0)
    throw new Error(`the model ${server.model} cannot be served: ${first}`)
  }
  const seconds = performance.now() / 1000
  if (first === null) say(ready(language, seconds), { event: 'ready', seconds: Number(seconds.toFixed(3)) })
  await end
  await server.close()
  say(stopped[language], { event: 'stopped' })
  return 0
}

/** Throws a failure to start again, with the option that is its remedy: the server knows of no options. */
function nameOptions(error: unknown): never {
  if (!(error instanceof StartError) || !Object.hasOwn(remedies, error.code)) throw error
  throw new Error(`${error.message} ${remedies[error.code as keyof typeof remedies]}`, { cause: error })
}

const remedies = {
  public_bind: 'The option for that is --allow-public.',
  port_in_use: 'For a free one: --port 0.',
  port_denied: 'The option for that is --port.',
}

/** Settings that cannot be read are told by whoever loads the model. */
async function converses({ folder }: ChosenModel): Promise<boolean> {
  return await openChatConfig(folder).then(
    ({ template }) => template !== undefined,
    () => true,
  )
}

function start(
  values: Values,
  { folder, id }: ChosenModel,
  page: boolean,
  onReady: (state: { problem: string | null }) => void,
): Promise<RunningServer> {
  return startServer({
    host: values.host,
    port: portOf(values.port),
    modelFolder: folder,
    modelId: values.name ?? id,
    pageFolder: page ? pageFolder : null,
    slots: number('slots', values.slots, { min: 1, max: 1024, whole: true }),
    threads: number('threads', values.threads, { min: 1, max: 256, whole: true }),
    allowPublic: values['allow-public'],
    allowedHosts: values['allow-host'],
    onReady,
    log: (line) => console.error(line),
  })
}

function portOf(flag: string | undefined): number {
  const bounds = { min: 0, max: 65_535, whole: true }
  if (flag !== undefined) return number('port', flag, bounds) ?? defaultPort
  const { PORT } = process.env
  if (PORT === undefined || PORT === '') return defaultPort
  const port = Number(PORT)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError(`the variable PORT takes a whole number from 0 to 65535, not "${PORT}"`)
  return port
}

/**
 * Resolves with true at the first SIGINT or SIGTERM; the second ends the process at once. What comes within half a
 * second is the same press of Ctrl-C, which npm and the terminal may both deliver.
 */
function stopRequest(onFirst: () => void): Promise<true> {
  return new Promise((resolve) => {
    let asked = Number.POSITIVE_INFINITY
    const stop = () => {
      if (performance.now() - asked > 500) process.exit(130)
      if (asked < Number.POSITIVE_INFINITY) return
      asked = performance.now()
      onFirst()
      resolve(true)
    }
    process.on('SIGINT', stop)
    process.on('SIGTERM', stop)
  })
}

export const serve: Command = { help, run }
