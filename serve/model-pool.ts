import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import type {
  BatchSizes,
  ChatRequest,
  CompletionRequest,
  Embeddings,
  EmbedRequest,
  Engine,
  EngineEvent,
  EngineStats,
  EngineStatus,
  GenerationRequest,
  ModelInfo,
  Offer,
  TokenizeRequest,
} from '#serve/engine'
import { type ModelEntry, type Registry, readRegistry, registryFile, resolveModel, writes } from '#serve/registry'
import { ApiError } from '#wire/errors'
import { emptyStats, noBatches, sumBatches, sumStats } from './pool/stats.ts'

export interface ModelPoolOptions {
  /** The folder of models, with the registry in it. */
  folder: string
  /** Models beside those of the registry, such as the one that is shipped; a registered one of the same name goes first. */
  shipped?: Readonly<Record<string, ModelEntry>>
  /** Opens the engine of a model. */
  open: (id: string, entry: ModelEntry) => Engine
  /** Bytes of models in memory at once; a single one is loaded whatever its size. */
  memoryBytes: number
  /** How often the registry is looked at, ms. */
  watchMs?: number
  /** A number from 0 to 1 for each request of an alias that has a model on trial. */
  draw?: () => number
  log?: (line: string) => void
}

interface Seat {
  readonly id: string
  readonly entry: ModelEntry
  readonly engine: Engine
  /** Requests that it works on. */
  busy: number
  lastUsed: number
  /** Closed as soon as nobody is served by it. */
  retired: boolean
}

const bytesOf = (entry: ModelEntry) => (entry.kind === 'local' ? entry.bytes : 0)

/** All models of a registry behind one engine: they are loaded when they are asked for, and the least used go when memory is short. */
export class ModelPool implements Engine {
  readonly #options: ModelPoolOptions
  readonly #log: (line: string) => void
  readonly #seats = new Map<string, Seat>()
  readonly #retired = new Set<Seat>()
  readonly #timer: NodeJS.Timeout
  #registry: Registry
  #stamp: string
  #past: EngineStats = emptyStats
  #pastBatches: BatchSizes = noBatches
  #uses = 0
  #closed = false

  /** @throws RegistryError where the registry cannot be read, Error where there is no model at all */
  constructor(options: ModelPoolOptions) {
    this.#options = options
    this.#log = options.log ?? (() => {})
    this.#stamp = this.#fileStamp()
    this.#registry = this.#read()
    const first = this.#defaultModel()
    if (first === null)
      throw new Error(
        `There is no model: ${registryFile(options.folder)} names none. Add one with 'dotline model add'.`,
      )
    this.#seat(first)
    this.#timer = setInterval(() => this.#watch(), options.watchMs ?? 1000).unref()
  }

  models(): ModelInfo[] {
    const { models, aliases } = this.#registry
    const names = [...Object.keys(models), ...Object.keys(aliases)]
    const first = this.#registry.default
    const ordered = first === null ? names : [first, ...names.filter((each) => each !== first)]
    return ordered.flatMap((each) => this.#info(each) ?? [])
  }

  status(): EngineStatus {
    const open = [...this.#seats.values(), ...this.#retired].map(({ engine }) => engine.status())
    const first = this.#defaultModel()
    const main = (first === null ? undefined : this.#seats.get(first))?.engine.status() ?? {
      state: 'ready' as const,
      problem: null,
    }
    const sum = (of: (status: EngineStatus) => number) => open.reduce((total, each) => total + of(each), 0)
    return {
      state: main.state,
      problem: main.problem,
      active: sum(({ active }) => active),
      waiting: sum(({ waiting }) => waiting),
    }
  }

  stats(): EngineStats {
    return sumStats([this.#past, ...this.#engines().map((engine) => engine.stats())])
  }

  batches(): BatchSizes {
    return sumBatches([this.#pastBatches, ...this.#engines().map((engine) => engine.batches?.() ?? null)])
  }

  #engines(): Engine[] {
    return [...this.#seats.values(), ...this.#retired].map(({ engine }) => engine)
  }

  offer(asked: string): Offer | null {
    const id = resolveModel(this.#registry, asked, 1)
    if (id === null) return null
    const { price, kind } = this.#registry.models[id]
    const billionths = (amount: number) => Math.round(amount * 1e9)
    return {
      price: price && {
        currency: price.currency,
        input: billionths(price.input),
        cached: billionths(price.cached),
        output: billionths(price.output),
      },
      here: kind === 'local',
    }
  }

  chat(request: ChatRequest, signal: AbortSignal): AsyncIterable<EngineEvent> {
    return this.#answer(request, (engine, model) => engine.chat({ ...request, model }, signal))
  }

  complete(request: CompletionRequest, signal: AbortSignal): AsyncIterable<EngineEvent> {
    return this.#answer(request, (engine, model) => engine.complete({ ...request, model }, signal))
  }

  embed(request: EmbedRequest, signal: AbortSignal): Promise<Embeddings> {
    return this.#ask(request.model, (engine, model) => engine.embed({ ...request, model }, signal))
  }

  tokenize(request: TokenizeRequest, signal: AbortSignal): Promise<readonly (readonly number[])[]> {
    return this.#ask(request.model, (engine, model) => engine.tokenize({ ...request, model }, signal))
  }

  /** Resolves once the model that is used by default answers, or cannot. */
  async ready(): Promise<void> {
    const first = this.#defaultModel()
    if (first !== null) await this.#seats.get(first)?.engine.ready()
  }

  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#timer)
    await Promise.all([...this.#seats.values(), ...this.#retired].map(({ engine }) => engine.close()))
  }

  async *#answer(
    request: GenerationRequest,
    start: (engine: Engine, model: string) => AsyncIterable<EngineEvent>,
  ): AsyncGenerator<EngineEvent> {
    const seat = this.#take(request.model, request.owner)
    try {
      yield* start(seat.engine, seat.id)
    } finally {
      this.#leave(seat)
    }
  }

  async #ask<T>(model: string, start: (engine: Engine, model: string) => Promise<T>): Promise<T> {
    const seat = this.#take(model, undefined)
    try {
      return await start(seat.engine, seat.id)
    } finally {
      this.#leave(seat)
    }
  }

  #take(asked: string, owner: string | undefined): Seat {
    if (this.#closed) throw new ApiError('shutting_down', '', null, 1)
    const model = resolveModel(this.#registry, asked, this.#draw(asked, owner))
    if (model === null)
      throw new ApiError('model_not_found', `The model '${asked.slice(0, 80)}' does not exist here.`, 'model')
    const seat = this.#seatOrRefusal(model)
    seat.busy++
    seat.lastUsed = ++this.#uses
    return seat
  }

  /** One person stays with one model of an alias: a conversation does not change its voice at each turn. */
  #draw(alias: string, owner: string | undefined): number {
    if (owner === undefined) return (this.#options.draw ?? Math.random)()
    return (
      createHash('sha256')
        .update(JSON.stringify([alias, owner]))
        .digest()
        .readUInt32BE() /
      2 ** 32
    )
  }

  #leave(seat: Seat): void {
    seat.busy--
    if (seat.retired && seat.busy === 0) this.#end(seat)
  }

  /** A model that cannot be opened, as one whose key is not set, is its operator's matter: the log says why. */
  #seatOrRefusal(id: string): Seat {
    try {
      return this.#seat(id)
    } catch (error) {
      if (error instanceof ApiError) throw error
      this.#log(`The model '${id}' cannot be opened: ${error instanceof Error ? error.message : String(error)}`)
      throw new ApiError('model_unavailable', `The model '${id}' cannot be loaded. See the server's log.`)
    }
  }

  #seat(id: string): Seat {
    const before = this.#seats.get(id)
    if (before !== undefined) return before
    const entry = this.#registry.models[id]
    this.#makeRoom(bytesOf(entry), id)
    const seat: Seat = {
      id,
      entry,
      engine: this.#options.open(id, entry),
      busy: 0,
      lastUsed: ++this.#uses,
      retired: false,
    }
    this.#seats.set(id, seat)
    return seat
  }

  /** Unloads the least recently used of those that serve nobody. */
  #makeRoom(bytes: number, id: string): void {
    if (bytes === 0) return
    const inMemory = () => [...this.#seats.values(), ...this.#retired].filter(({ entry }) => bytesOf(entry) > 0)
    const held = () => inMemory().reduce((sum, { entry }) => sum + bytesOf(entry), 0)
    while (held() > 0 && held() + bytes > this.#options.memoryBytes) {
      const idle = inMemory().filter((seat) => seat.busy === 0 && !seat.retired)
      const least = idle.sort((a, b) => a.lastUsed - b.lastUsed).at(0)
      if (least === undefined) {
        const text = `The memory for models is taken by models that are answering, so '${id}' cannot be loaded now. Try again in a moment.`
        throw new ApiError('overloaded', text, null, 5)
      }
      this.#log(`The model '${least.id}' is unloaded to make room for '${id}'.`)
      this.#retire(least)
    }
  }

  #retire(seat: Seat): void {
    this.#seats.delete(seat.id)
    seat.retired = true
    if (seat.busy === 0) this.#end(seat)
    else this.#retired.add(seat)
  }

  #end(seat: Seat): void {
    this.#retired.delete(seat)
    this.#past = sumStats([this.#past, { ...seat.engine.stats(), cacheBytes: 0 }])
    this.#pastBatches = sumBatches([this.#pastBatches, seat.engine.batches?.() ?? null])
    seat.engine.close().catch((error: unknown) => this.#log(`The model '${seat.id}' did not close: ${String(error)}`))
  }

  #info(asked: string): ModelInfo | null {
    const id = resolveModel(this.#registry, asked, 1)
    if (id === null) return null
    const open = this.#seats.get(id)?.engine.models().at(0)
    const entry = this.#registry.models[id]
    const known = { created: entry.added, contextLength: entry.contextLength, capabilities: entry.capabilities }
    const fingerprint = `fp_${createHash('sha256').update(JSON.stringify(entry)).digest('hex').slice(0, 10)}`
    // One that is not loaded will be when it is asked for: to a client it is there.
    const asleep: ModelInfo = { id: asked, ownedBy: 'dotline', state: 'ready', fingerprint, ...known }
    if (open === undefined) return asleep
    const awake = open.capabilities.length > 0 ? open.capabilities : entry.capabilities
    return { ...open, id: asked, contextLength: open.contextLength ?? entry.contextLength, capabilities: awake }
  }

  #defaultModel(): string | null {
    const { default: first, models } = this.#registry
    return first === null ? (Object.keys(models).at(0) ?? null) : resolveModel(this.#registry, first, 1)
  }

  #read(): Registry {
    const read = readRegistry(this.#options.folder)
    const models = { ...this.#options.shipped, ...read.models }
    const names = Object.keys(models)
    const first = names.find((each) => writes(models[each])) ?? names.at(0) ?? null
    return { ...read, models, default: read.default ?? first }
  }

  #fileStamp(): string {
    const stat = statSync(registryFile(this.#options.folder), { throwIfNoEntry: false })
    return stat === undefined ? '' : `${stat.mtimeMs} ${stat.size} ${stat.ino}`
  }

  /** Takes up a registry that has changed; one that cannot be read changes nothing. */
  #watch(): void {
    const stamp = this.#fileStamp()
    if (stamp === this.#stamp) return
    this.#stamp = stamp
    try {
      this.#registry = this.#read()
    } catch (error) {
      this.#log(
        `The registry of models has changed and cannot be read, so the old one holds: ${error instanceof Error ? error.message : error}`,
      )
      return
    }
    for (const seat of [...this.#seats.values()])
      if (JSON.stringify(this.#registry.models[seat.id]) !== JSON.stringify(seat.entry)) this.#retire(seat)
    this.#log('The registry of models has changed and is in force.')
  }
}
