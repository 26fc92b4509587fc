import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openChatConfig } from '#model/chat-config'
import { type LogFormat, logFormats } from '#serve/log'
import { type EngineOpener, type RunningServer, StartError, startServer } from '#serve/start'
import { texts } from '../catalogue.ts'
import { type Command, number, parse, UsageError } from '../command.ts'
import { dataFolder, modelsFolder } from '../data-folder.ts'
import { portOf } from '../port.ts'
import { type ChosenModel, chooseModel, starter } from '../shipped-model.ts'
import { registeredModels } from './serve/registered.ts'

const options = {
  model: { type: 'string' },
  data: { type: 'string' },
  memory: { type: 'string' },
  name: { type: 'string' },
  port: { type: 'string' },
  host: { type: 'string', default: '127.0.0.1' },
  'allow-public': { type: 'boolean', default: false },
  'allow-host': { type: 'string', multiple: true },
  slots: { type: 'string' },
  threads: { type: 'string' },
  'log-format': { type: 'string', default: 'off' },
  'no-page': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const

const pageFolder = fileURLToPath(new URL('../../dist/page', import.meta.url))

type Values = ReturnType<typeof parse<typeof options>>['values']

async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parse(argv, options)
  if (positionals.length > 0) throw new UsageError(texts().usage.serveArgument(positionals[0]))
  const said = texts().serve
  const say = (text: string, event: object) => console.log(values.json ? JSON.stringify(event) : text)
  const page = !values['no-page'] && existsSync(join(pageFolder, 'index.html'))
  const loaded = Promise.withResolvers<string | null>()
  const registered = values.model === undefined ? registeredOf(values) : null
  const model = registered === null ? chooseModel(values.model) : { folder: modelsFolder(values.data), id: undefined }
  const onReady = ({ problem }: { problem: string | null }) => loaded.resolve(problem)
  const server = await start(values, model, page, onReady, registered).catch((error: unknown) =>
    explain(error, values, model),
  )
  if (!page && !values['no-page']) console.error(said.pageMissing)
  const chat = registered !== null || (await converses(model))
  const served = { url: server.url, model: server.model, page, chat }
  if (!server.signIn) console.error(texts().people.local)
  say(said.welcome(served), { event: 'listening', ...served, pid: process.pid })
  const end = stopRequest(() => console.error(said.stopping))
  const first = await Promise.race([loaded.promise, end])
  if (typeof first === 'string') {
    await server.close(0)
    throw new Error(texts().failure.modelNotServed(server.model, first))
  }
  const seconds = performance.now() / 1000
  if (first === null) say(said.ready(seconds), { event: 'ready', seconds: Number(seconds.toFixed(3)) })
  await end
  await server.close()
  say(said.stopped, { event: 'stopped' })
  return 0
}

/** Throws a failure to start again, with the option that is its remedy: the server knows of no options. */
function explain(error: unknown, { host, port }: Values, { folder }: ChosenModel): never {
  if (!(error instanceof StartError)) throw error
  const what = { message: error.message, host, port: portOf(port), folder }
  throw new Error(texts().failure.start[error.code](what), { cause: error })
}

/** The models that the operator added, where there are any: without --model they are served, all of them. */
function registeredOf({ data, memory }: Values): EngineOpener | null {
  const gibibytes = number('memory', memory, { min: 0.01, max: 1e6 })
  return registeredModels(modelsFolder(data), starter, gibibytes === undefined ? undefined : gibibytes * 2 ** 30)
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
  registered: EngineOpener | null,
): Promise<RunningServer> {
  const options = {
    host: values.host,
    port: portOf(values.port),
    modelFolder: folder,
    modelId: values.name ?? id,
    pageFolder: page ? pageFolder : null,
    slots: number('slots', values.slots, { min: 1, max: 1024, whole: true }),
    threads: number('threads', values.threads, { min: 1, max: 256, whole: true }),
    allowPublic: values['allow-public'],
    allowedHosts: values['allow-host'],
    dataFolder: dataFolder(values.data),
    databaseUrl: process.env.DATABASE_URL,
    onReady,
    log: (line: string) => console.error(line),
    logFormat: logFormatOf(values['log-format']),
  }
  return registered === null ? startServer(options) : startServer(options, registered)
}

function logFormatOf(given: string): LogFormat {
  const format = logFormats.find((each) => each === given)
  if (format === undefined) throw new UsageError(texts().usage.logFormat(given))
  return format
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

export const serve: Command = { run }
