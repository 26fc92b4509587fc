import { hostname, networkInterfaces } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { isLoopback } from '#guard/origin'
import type { Engine } from '#serve/engine'
import { type Keeping, openKeeping } from '#serve/keeping'
import { LocalEngine } from '#serve/local-engine'
import { hasOwner } from '#serve/local-owner'
import { type LogFormat, openLog } from '#serve/log'
import type { RunningCost } from '#serve/running-cost'
import { createServer } from '#serve/server'
import { type SpanSettings, Spans } from '#serve/spans'
import { StoreError } from '#store/errors'
import { limits } from '#wire/limits'

export interface StartOptions {
  host: string
  /** 0 takes any free port. */
  port: number
  modelFolder: string
  /** The built page; null serves the API alone. */
  pageFolder: string | null
  /** Name that clients use for the model; its folder's name by default. */
  modelId?: string
  /** Sequences decoded together. */
  slots?: number
  threads?: number
  /** Listens beyond this machine although there is no owner account: something in front of it asks who comes. */
  allowPublic?: boolean
  /** More host names to answer to. */
  allowedHosts?: readonly string[]
  /** Where conversations, files, accounts and figures are kept; left out, nothing is. */
  dataFolder?: string
  /** A PostgreSQL database that holds what is kept, files apart; SQLite in the folder by default. */
  databaseUrl?: string
  /** Where OpenTelemetry spans go; left out, none are made. */
  spans?: SpanSettings | null
  /** How long requests in flight may take to finish when the server closes, ms. */
  drainMs?: number
  /** What this machine costs: its own models get a price from that and their measured pace. */
  runningCost?: RunningCost | null
  /** Called once the model answers, or could not be loaded: `problem` says why. */
  onReady?: (state: { problem: string | null }) => void
  log?: (line: string) => void
  /** How the lines of the log are written, and whether each request has one; none has by default. */
  logFormat?: LogFormat
}

export interface RunningServer {
  /** `http://127.0.0.1:8787`, without a slash at the end. */
  url: string
  model: string
  /** Whether there are accounts, so that everybody signs in or sends a key. */
  signIn: boolean
  /** Takes no more requests, lets those in flight finish for up to `drainMs`, then stops. */
  close(drainMs?: number): Promise<void>
}

export type EngineOpener = (options: StartOptions, log: (line: string) => void) => Engine

/** The server could not start; the message says what to do. */
export class StartError extends Error {
  override readonly name = 'StartError'
  readonly code: 'public_bind' | 'port_in_use' | 'port_denied' | 'host_unknown' | 'no_model' | 'store'

  constructor(code: StartError['code'], message: string) {
    super(message)
    this.code = code
  }
}

/**
 * Listens at once and loads the model meanwhile: `/health` and the page answer, requests for answers wait.
 * @param open makes the engine; our own model in a worker by default.
 * @throws StartError
 */
export async function startServer(options: StartOptions, open: EngineOpener = openLocalEngine): Promise<RunningServer> {
  const { trouble: log, request } = openLog(options.logFormat ?? 'off', options.log ?? console.error)
  const keeping = await keepingOf(options, log)
  const engine = await letIn(options, keeping)
    .then(() => open(options, log))
    .catch(async (error: unknown) => {
      await keeping?.close()
      throw error
    })
  const spans = options.spans == null ? null : new Spans(options.spans, log)
  let closing = false
  const app = createServer({
    engine,
    store: keeping?.store,
    runningCost: options.runningCost,
    people: keeping?.people,
    pageFolder: options.pageFolder,
    allowedHosts: [...(options.allowedHosts ?? []), ...ownNames(options.host)].map((name) => name.toLowerCase()),
    closing: () => closing,
    spans,
    log,
    onRequestEnd: request,
  })
  try {
    await app.listen({ host: options.host, port: options.port })
  } catch (error) {
    await Promise.all([engine.close(), app.close()])
    await keeping?.close()
    throw listenError(error, options)
  }
  const keepAlive = (reason: unknown) =>
    log(`Unhandled rejection: ${reason instanceof Error ? reason.stack : String(reason)}`)
  process.on('unhandledRejection', keepAlive)
  void engine.ready().then(() => options.onReady?.({ problem: engine.status().problem }))
  let closed: Promise<void> | null = null
  const close = async (drainMs: number) => {
    closing = true
    await drain(app, engine, drainMs)
    await spans?.close()
    await keeping?.close()
    process.off('unhandledRejection', keepAlive)
  }
  return {
    url: urlOf(app, options.host),
    model: engine.models()[0].id,
    signIn: (await keeping?.people.identity.hasPeople()) ?? false,
    close: (drainMs = options.drainMs ?? limits.drainMs) => (closed ??= close(drainMs)),
  }
}

/** Beyond this machine a server listens only for people whom it can tell apart. @throws StartError */
async function letIn({ host, allowPublic }: StartOptions, keeping: Keeping | null): Promise<void> {
  if (isLoopback(host) || allowPublic === true || (keeping !== null && (await hasOwner(keeping.store)))) return
  throw new StartError(
    'public_bind',
    `Refusing to listen on ${host}: there is no owner account, so that anyone who reaches that address would be the owner. ` +
      'Make one first, or allow a public address explicitly where something in front of it asks who comes.',
  )
}

async function keepingOf(
  { dataFolder, databaseUrl }: StartOptions,
  log: (line: string) => void,
): Promise<Keeping | null> {
  if (dataFolder === undefined) return null
  try {
    return await openKeeping({ folder: dataFolder, url: databaseUrl }, log)
  } catch (error) {
    if (error instanceof StoreError) throw new StartError('store', error.message)
    const { code, message } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    throw new StartError('store', `What is kept cannot be opened in ${dataFolder}: ${message}. Name another folder.`)
  }
}

function openLocalEngine(options: StartOptions, log: (line: string) => void): Engine {
  const { modelFolder, modelId, slots, threads } = options
  try {
    return new LocalEngine({ folder: modelFolder, id: modelId, slots, threads, log })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new StartError(
      'no_model',
      `There is no model in ${modelFolder}: it holds no config.json. Train one with 'dotline train', or name another folder.`,
    )
  }
}

/** Names under which this machine is reached when it listens on all its addresses. */
function ownNames(host: string): string[] {
  if (host !== '0.0.0.0' && host !== '::') return [host]
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  return [hostname(), ...addresses.map((entry) => entry.address.split('%')[0])]
}

function listenError(error: unknown, { host, port }: StartOptions): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE')
    return new StartError('port_in_use', `Port ${port} is taken by another program. Stop it, or choose another port.`)
  if (code === 'EACCES')
    return new StartError('port_denied', `This user may not listen on port ${port}. Choose one from 1024 to 65535.`)
  if (code === 'ENOTFOUND' || code === 'EADDRNOTAVAIL')
    return new StartError('host_unknown', `This machine has no address ${host}. Use 127.0.0.1 or localhost.`)
  return error
}

function urlOf(app: FastifyInstance, host: string): string {
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const reachable = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}

/** Waits for replies in flight; what is left after `drainMs` ends with a typed error instead of a torn stream. */
async function drain(app: FastifyInstance, engine: Engine, drainMs: number): Promise<void> {
  const until = performance.now() + drainMs
  while (app.inFlight() > 0 && performance.now() < until) await wait(20)
  await engine.close()
  const graceUntil = performance.now() + 500
  while (app.inFlight() > 0 && performance.now() < graceUntil) await wait(10)
  app.server.closeAllConnections()
  await app.close()
}
