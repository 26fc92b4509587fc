import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openChatConfig } from '#model/chat-config'
import { type EngineOpener, type RunningServer, StartError, startServer } from '#serve/start'
import { texts } from '../catalogue.ts'
import { type Command, parse, UsageError } from '../command.ts'
import { flagOptions } from '../configuration/schema.ts'
import { type Flags, readConfiguration } from '../configuration.ts'
import { dataFolder, modelsFolder } from '../data-folder.ts'
import { type ChosenModel, chooseModel, shippedEmbedder, starter } from '../shipped-model.ts'
import { registeredModels } from './serve/registered.ts'
import { type Wanted, wantedOf } from './serve/wanted.ts'

const options = { json: { type: 'boolean', default: false } } as const

const pageFolder = fileURLToPath(new URL('../../dist/page', import.meta.url))

async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parse(argv, { ...flagOptions(), ...options })
  if (positionals.length > 0) throw new UsageError(texts().usage.serveArgument(positionals[0]))
  const { json, ...flags } = values
  const wanted = wantedOf(readConfiguration(flags as Flags))
  const said = texts().serve
  const say = (text: string, event: object) => console.log(json ? JSON.stringify(event) : text)
  const page = wanted.page && existsSync(join(pageFolder, 'index.html'))
  const loaded = Promise.withResolvers<string | null>()
  const registered =
    wanted.model === undefined
      ? registeredModels(modelsFolder(wanted.data), { starter, embedder: shippedEmbedder }, wanted)
      : null
  const model = registered === null ? chooseModel(wanted.model) : { folder: modelsFolder(wanted.data), id: undefined }
  const onReady = ({ problem }: { problem: string | null }) => loaded.resolve(problem)
  const server = await start(wanted, model, page, onReady, registered).catch((error: unknown) =>
    explain(error, wanted, model),
  )
  if (!page && wanted.page) console.error(said.pageMissing)
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
function explain(error: unknown, { host, port }: Wanted, { folder }: ChosenModel): never {
  if (!(error instanceof StartError)) throw error
  const what = { message: error.message, host, port, folder }
  throw new Error(texts().failure.start[error.code](what), { cause: error })
}

/** Settings that cannot be read are told by whoever loads the model. */
async function converses({ folder }: ChosenModel): Promise<boolean> {
  return await openChatConfig(folder).then(
    ({ template }) => template !== undefined,
    () => true,
  )
}

function start(
  wanted: Wanted,
  { folder, id }: ChosenModel,
  page: boolean,
  onReady: (state: { problem: string | null }) => void,
  registered: EngineOpener | null,
): Promise<RunningServer> {
  const options = {
    host: wanted.host,
    port: wanted.port,
    modelFolder: folder,
    modelId: wanted.name ?? id,
    pageFolder: page ? pageFolder : null,
    slots: wanted.slots,
    threads: wanted.threads,
    allowPublic: wanted.allowPublic,
    allowedHosts: wanted.allowHost,
    dataFolder: dataFolder(wanted.data),
    databaseUrl: wanted.databaseUrl,
    spans: wanted.spans,
    drainMs: wanted.drainMs,
    onReady,
    log: (line: string) => console.error(line),
    logFormat: wanted.logFormat,
  }
  return registered === null ? startServer(options) : startServer(options, registered)
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
