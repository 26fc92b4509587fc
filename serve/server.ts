import helmet from '@fastify/helmet'
import swagger from '@fastify/swagger'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { serializerCompiler } from 'fastify-type-provider-zod'
import type { ZodType } from 'zod'
import { hostAllowed, originAllowed } from '#guard/origin'
import { routes as accessTable } from '#guard/routes'
import type { BatchTimes } from '#serve/batches'
import { type Caller, type Identify, nobody } from '#serve/caller'
import type { Engine } from '#serve/engine'
import { Metering } from '#serve/metering'
import type { People } from '#serve/people'
import type { RunningCost } from '#serve/running-cost'
import type { Spans } from '#serve/spans'
import type { Store } from '#store/open'
import { ApiError } from '#wire/errors'
import { limits } from '#wire/limits'
import { stopEarly } from '#wire/stop-early'
import { validationError } from '#wire/validation'
import { callerInside, engineInside } from './batches/caller.ts'
import { conversationRoutes } from './conversations/routes.ts'
import { type AccessTable, authorise, listAddresses } from './http/authorise.ts'
import { batchRoutes } from './http/batches.ts'
import { bodyDeadline } from './http/deadline.ts'
import { embeddingRoute } from './http/embeddings.ts'
import type { StreamTimes } from './http/event-stream.ts'
import { answerBrokenRequest, errorHandler, newRequestId, sendError } from './http/failures.ts'
import { fileRoutes } from './http/files.ts'
import { describeRoute } from './http/form-schema.ts'
import { idempotency } from './http/idempotency.ts'
import { infillRoute } from './http/infill.ts'
import { parseJsonBody } from './http/json-body.ts'
import { keptAnswers } from './http/kept-answers.ts'
import { messageRoutes } from './http/messages.ts'
import { meterRequests } from './http/metered-requests.ts'
import { Metrics, metricsRoute } from './http/metrics.ts'
import { refuseStrayQueries } from './http/no-query.ts'
import { ownedEngine } from './http/owned-engine.ts'
import { servePage } from './http/page.ts'
import { peopleRoutes } from './http/people-routes.ts'
import { permittedEngine } from './http/permitted-engine.ts'
import { generationRoutes, readingRoutes } from './http/routes.ts'
import { type RequestLine, Traffic } from './http/traffic.ts'
import { uploadRoutes } from './http/uploads.ts'
import { watched } from './http/watched-engine.ts'
import { administrationRoutes } from './organization/routes.ts'
import { Runs } from './responses/runs.ts'

export interface ServerOptions {
  engine: Engine
  /** The built page; null serves the API alone. */
  pageFolder?: string | null
  /** Host names that are answered beside the loopback ones. */
  allowedHosts?: readonly string[]
  /** True once new requests are to be refused. */
  closing?: () => boolean
  /** When an idle stream is pinged and a stuck one cut. */
  streamTimes?: StreamTimes
  /** How long a client may take to send a request, ms. */
  requestTimeoutMs?: number
  headersTimeoutMs?: number
  /** Where conversations, files and figures are kept; without it only what keeps nothing is served. */
  store?: Store | null
  /** How the work on batches is shared; the usual way by default. */
  batchTimes?: BatchTimes
  /** What the machine costs that computes our own models; without it they have no price but the one they are given. */
  runningCost?: RunningCost | null
  /** Who there is, and what they may: with accounts, keys and organisations. */
  people?: People | null
  /** Who asks; by default those people, or nobody in particular. */
  identify?: Identify
  /** Who may use which address; guard's table by default. */
  access?: AccessTable
  /** Follows requests and answers for OpenTelemetry. */
  spans?: Spans | null
  /** Receives a line for each unforeseen error. Never holds what users wrote. */
  log?: (line: string) => void
  /** Receives how each request ended. Never holds what users wrote. */
  onRequestEnd?: (line: RequestLine) => void
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Requests whose replies are not complete, and responses that are made without anybody who waits for them. */
    inFlight(): number
  }
}

const contentSecurityPolicy = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'connect-src': ["'self'"],
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'"],
  'manifest-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
  'require-trusted-types-for': ["'script'"],
}

/** The HTTP server over an engine: API, page, health. It does not listen yet. */
export function createServer(options: ServerOptions): FastifyInstance {
  const { log = console.error, closing = () => false, allowedHosts = [], store = null, people = null } = options
  const asked = options.identify ?? people?.identify ?? anyone
  const identify: Identify = async (request) => callerInside() ?? (await asked(request))
  const { spans = null } = options
  const runs = store === null ? null : new Runs(store, log)
  const metrics = new Metrics()
  const traffic = new Traffic(metrics, (line) => {
    spans?.ended(line)
    options.onRequestEnd?.(line)
  })
  const engine = watched(options.engine, metrics)
  const app = httpServer(options, metrics, traffic, log)
  readJsonStrictly(app)
  listAddresses(app)
  refuseStrayQueries(app)
  followRequests(app, traffic, () => runs?.size ?? 0)
  bodyDeadline(app, options.requestTimeoutMs ?? limits.requestTimeoutMs, (code) => metrics.failed(code))
  app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: contentSecurityPolicy },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: false,
    xFrameOptions: { action: 'deny' },
  })
  app.register(swagger, { openapi: openapi(), transform: describeRoute })
  idempotency(app, store)
  app.after(() => {
    app.addHook('onRequest', async (request, reply) => {
      spans?.began(request)
      admit(request, allowedHosts, closing)
      await authorise(request, identify, options.access ?? accessTable)
      people?.identity.follow(request, reply)
    })
    serveRoutes(app, options, { engine, runs, metrics, traffic, log })
    app.setNotFoundHandler((request, reply) => nothingHere(app, request, reply, traffic))
  })
  return app
}

/** Fastify with this server's limits, before it has an address. */
function httpServer(
  options: ServerOptions,
  metrics: Metrics,
  traffic: Traffic,
  log: (line: string) => void,
): FastifyInstance {
  const app = fastify({
    genReqId: newRequestId,
    requestIdHeader: false,
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.uploadMs,
    keepAliveTimeout: limits.keepAliveMs,
    return503OnClosing: false,
    routerOptions: { maxParamLength: 3 * limits.modelIdLength },
    http: {
      headersTimeout: options.headersTimeoutMs ?? limits.headersTimeoutMs,
      connectionsCheckingInterval: 1000,
      maxHeaderSize: limits.headerBytes,
    },
    clientErrorHandler: (error, socket) => answerBrokenRequest(error, socket, (code) => metrics.failed(code)),
    // An address that is not one: no hook runs for it.
    frameworkErrors: (error, request, reply) => {
      traffic.begin(request, reply)
      reply.headers({ 'x-request-id': request.id, 'openai-processing-ms': 0 })
      void errorHandler(log, traffic)(error, request, reply)
    },
  })
  app.server.maxConnections = limits.connections
  app.setErrorHandler(errorHandler(log, traffic))
  return app
}

interface Parts {
  engine: Engine
  runs: Runs | null
  metrics: Metrics
  traffic: Traffic
  log: (line: string) => void
}

/** Everything that has an address, answered in the caller's name and at the caller's cost. */
function serveRoutes(
  app: FastifyInstance,
  options: ServerOptions,
  { engine, runs, metrics, traffic, log }: Parts,
): void {
  const { closing = () => false, store = null, people = null, spans = null, runningCost } = options
  const metering =
    store && new Metering(store, { offer: (model) => options.engine.offer?.(model) ?? null, runningCost, log })
  const workOf = metering && meterRequests(app, metering)
  const engineOf = (request: FastifyRequest) =>
    ownedEngine(
      permittedEngine(engineInside(engine), request.caller),
      request.caller,
      metering && workOf && request.caller.organisation !== '' ? { metering, work: workOf(request) } : null,
    )
  const followed = (request: FastifyRequest) => spans?.engineOf(engineOf(request), request) ?? engineOf(request)
  const routes = {
    engine,
    engineOf: followed,
    store,
    closing,
    log,
    traffic,
    times: options.streamTimes ?? defaultTimes,
  }
  readingRoutes(app, routes)
  generationRoutes(app, routes)
  infillRoute(app, routes)
  messageRoutes(app, routes)
  keptAnswers(app, routes, runs)
  embeddingRoute(app, routes)
  if (metering !== null && store !== null) administrationRoutes(app, store, metering)
  if (store !== null) {
    fileRoutes(app, { ...routes, store })
    uploadRoutes(app, { ...routes, store })
    batchRoutes(app, { ...routes, store }, options.batchTimes)
  }
  conversationRoutes(app, routes)
  if (people !== null) peopleRoutes(app, people)
  metricsRoute(app, metrics, engine)
  servePage(app, options.pageFolder ?? null)
}

const anyone = async (): Promise<Caller> => nobody

const defaultTimes: StreamTimes = { pingMs: limits.streamPingMs, stallMs: limits.streamStallMs }

const openapi = () => ({
  openapi: '3.1.0',
  info: {
    title: 'Dotline',
    version: '1',
    description: 'OpenAI’s and Anthropic’s wire formats, served by a model that you own.',
  },
})

/** JSON alone, parsed with limits; schemas come from zod and their failures leave in the catalogue's form. */
function readJsonStrictly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) => {
    // Some clients, PyPI's `openai` among them, name a type for the body that their DELETE does not have.
    if (body.length === 0 && request.routeOptions.schema?.body === undefined) return undefined
    return parseJsonBody(body)
  })
  app.setValidatorCompiler(({ schema }) => {
    stopEarly(schema)
    return (data: unknown) => {
      const result = (schema as ZodType).safeParse(data)
      return result.success ? { value: result.data } : { error: validationError(result.error.issues, data) }
    }
  })
  app.setSerializerCompiler(serializerCompiler)
}

function followRequests(app: FastifyInstance, traffic: Traffic, background: () => number): void {
  app.decorate('inFlight', () => traffic.inFlight + background())
  app.decorateRequest('caller')
  app.addHook('onRequest', async (request, reply) => {
    traffic.begin(request, reply)
    reply.header('x-request-id', request.id)
    reply.header('openai-version', '2020-10-01')
  })
  app.addHook('onSend', async (_request, reply) => {
    reply.header('openai-processing-ms', Math.round(reply.elapsedTime))
  })
}

/** What is told to whoever watches a server close. */
const lasting: ReadonlySet<string> = new Set(['/health', '/metrics'])

/** Refuses what another site's page could send, and everything once the server is closing. */
function admit(request: FastifyRequest, allowedHosts: readonly string[], closing: () => boolean): void {
  const { host, origin } = request.headers
  const hosts = request.raw.rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host')
  if (hosts.length !== 1 || !hostAllowed(host, allowedHosts))
    throw new ApiError('host_not_allowed', `'${(host ?? '').slice(0, 80)}'`)
  const site = request.headers['sec-fetch-site']
  const secFetchSite = Array.isArray(site) ? site.join() : site
  const reading = request.method === 'GET' || request.method === 'HEAD'
  if (!reading && !originAllowed({ host, origin, secFetchSite }))
    throw new ApiError('origin_not_allowed', `'${(origin ?? 'another site').slice(0, 80)}'`)
  if (closing() && !lasting.has(request.url)) throw new ApiError('shutting_down', '', null, 1)
}

/** 405 where another method would do, else 404. */
function nothingHere(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  traffic: Traffic,
): FastifyReply {
  const url = request.url.split('?')[0]
  const other = request.method === 'POST' ? 'GET' : 'POST'
  const shown = url.length > 80 ? `${url.slice(0, 80)}…` : url
  if (app.hasRoute({ method: other, url })) {
    reply.header('allow', other)
    const text = `${shown} answers to ${other}, not to ${request.method}.`
    return sendError(reply, new ApiError('method_not_allowed', text), traffic)
  }
  const text = `There is nothing at ${request.method} ${shown}. GET /openapi.json lists what there is.`
  return sendError(reply, new ApiError('not_found', text), traffic)
}
