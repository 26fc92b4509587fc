import { type Asker, chargesFor, counterOf, limitsFor, limitWords, type Need } from '#guard/quota'
import type { Caller } from '#serve/caller'
import type { ChatRequest, CompletionRequest, EmbedRequest, Engine, EngineEvent, Offer } from '#serve/engine'
import { hourly, type RunningCost } from '#serve/running-cost'
import { StoreError } from '#store/errors'
import type { Charge, Limit } from '#store/limits'
import type { Store } from '#store/open'
import { costOf, offered, type Price, priceAmong } from '#store/prices'
import { ApiError } from '#wire/errors'
import { Account, leaseMs } from './metering/account.ts'
import { type Bound, boundOf, boundOfInputs } from './metering/bound.ts'
import { meteredEvents } from './metering/metered-events.ts'
import { Pace } from './metering/pace.ts'
import { type Rates, ratesOf } from './metering/rates.ts'

/** What is asked in somebody's name. */
export interface Work {
  caller: Caller
  /** The id that the client sees. */
  request: string
  /** Chat, completion, embedding: what reports group by. */
  kind: string
  /** The reader gets an answer piece by piece. */
  streamed: boolean
  /** The reader's connection is gone. */
  gone(): boolean
  /** Told what is left of limits once something was taken of them, and where it was refused. */
  tell(rates: Rates): void
}

/** How kinds begin that were asked for by a line of a batch. */
export const batchKind = 'batch.'

export interface MeteringOptions {
  /** What the installation asks for a model. */
  offer?: (model: string) => Offer | null
  /** What this machine costs; models that it computes get their price from that and from their measured pace. */
  runningCost?: RunningCost | null
  log?: (line: string) => void
  clock?: () => number
}

interface Rules {
  limits: Limit[]
  prices: Price[]
  read: number
}

/** A change of limits or prices holds after this long on every node, ms. */
const rulesMs = 1000
const renewEveryMs = 5000

/** Holds what everybody asks against their limits, and writes it into the ledger: before, meanwhile, and after. */
export class Metering {
  readonly #store: Store
  readonly #options: MeteringOptions
  readonly #clock: () => number
  readonly #rules = new Map<string, Promise<Rules>>()
  readonly #open = new Set<Account>()
  readonly #paces = new Map<string, Pace>()
  readonly #timer: NodeJS.Timeout

  constructor(store: Store, options: MeteringOptions = {}) {
    this.#store = store
    this.#options = options
    this.#clock = options.clock ?? Date.now
    this.#timer = setInterval(() => this.#renew(), renewEveryMs)
    this.#timer.unref()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  /** Limits and prices of an organisation are read anew. */
  forget(organisation: string): void {
    this.#rules.delete(organisation)
  }

  chat(engine: Engine, request: ChatRequest, signal: AbortSignal, work: Work): AsyncIterable<EngineEvent> {
    const ask = (inner: AbortSignal) => engine.chat(request, inner)
    return this.#answer(engine, request, signal, work, request.choices, ask)
  }

  complete(engine: Engine, request: CompletionRequest, signal: AbortSignal, work: Work): AsyncIterable<EngineEvent> {
    const ask = (inner: AbortSignal) => engine.complete(request, inner)
    return this.#answer(engine, request, signal, work, request.choices * request.prompts.length, ask)
  }

  async embed(engine: Engine, request: EmbedRequest, signal: AbortSignal, work: Work) {
    const account = await this.#reserve(work, request.model, boundOfInputs(request))
    try {
      const made = await engine.embed(request, signal)
      await account.settle({ input: made.promptTokens, cached: 0, output: 0 }, 'finished')
      return made
    } catch (error) {
      await account.settle({ input: 0, cached: 0, output: 0 }, signal.aborted ? 'cancelled' : 'failed')
      throw error
    }
  }

  /** What is left to somebody who asks for nothing that counts. */
  async rates(caller: Caller, model = ''): Promise<Rates> {
    const asker = askerOf(caller, model)
    const { limits } = await this.#rulesOf(caller.organisation)
    const held = limitsFor(limits, asker)
    const subjects = [...new Set(held.map((limit) => counterOf(limit, asker)))]
    const taken = (await Promise.all(subjects.map((subject) => this.#store.limits.taken(subject)))).flat()
    const charges = chargesFor(held, asker, { tokens: 0, money: null }, this.#clock())
    const left = charges.map(({ subject, metric, start, maximum }) => {
      const counter = taken.find((one) => one.subject === subject && one.metric === metric && one.start === start)
      return Math.max(0, maximum - (counter?.value ?? 0))
    })
    return ratesOf(charges, left, this.#clock())
  }

  #answer(
    engine: Engine,
    request: ChatRequest | CompletionRequest,
    signal: AbortSignal,
    work: Work,
    choices: number,
    ask: (signal: AbortSignal) => AsyncIterable<EngineEvent>,
  ): AsyncIterable<EngineEvent> {
    const { model } = request
    const info = engine.models().find(({ id }) => id === model)
    const pace = this.#paceOf(model)
    return meteredEvents({
      open: () => this.#reserve(work, model, boundOf(request, info?.contextLength ?? null)),
      ask: (inner) => pace?.watch(ask(inner)) ?? ask(inner),
      choices,
      streamed: work.streamed,
      signal,
      gone: work.gone,
    })
  }

  async #reserve(work: Work, model: string, bound: Bound): Promise<Account> {
    const { caller, request, kind } = work
    const asker = askerOf(caller, model)
    const rules = await this.#rulesOf(caller.organisation)
    await this.#offer(caller.organisation, model, rules)
    const charges = chargesFor(rules.limits, asker, needOf(bound, rules, model, this.#clock()), this.#clock())
    const { project, person, key, organisation } = asker
    const tokens = bound.input + bound.output
    try {
      const reservation = { project, person, key, model, kind, request, tokens, charges, leaseMs }
      // The engine is asked once that is decided, while it goes to the disk; the account waits for it before a word is out.
      const { decided, kept } = this.#store.early(this.#store.plan.usage.reserve(organisation, reservation))
      // Whoever notes or settles hears of it.
      kept.catch(() => {})
      const { left } = await decided
      if (charges.length > 0) work.tell(ratesOf(charges, left, this.#clock()))
      const account = new Account(this.#store, organisation, kept, (over) => this.#open.delete(over))
      this.#open.add(account)
      return account
    } catch (error) {
      if (!(error instanceof StoreError && error.code === 'limit_reached')) throw error
      work.tell(await this.rates(caller, model))
      throw refusal(error, charges, rules.limits, asker, this.#clock())
    }
  }

  async #rulesOf(organisation: string): Promise<Rules> {
    const known = this.#rules.get(organisation)
    if (known !== undefined && (await known).read + rulesMs > performance.now()) return known
    if (known !== undefined && this.#rules.get(organisation) !== known) return this.#rulesOf(organisation)
    const reading = this.#read(organisation)
    this.#rules.set(organisation, reading)
    reading.catch(() => this.#rules.delete(organisation))
    return reading
  }

  async #read(organisation: string): Promise<Rules> {
    const [limits, prices] = await Promise.all([
      this.#store.limits.list(organisation),
      this.#store.prices.list(organisation),
    ])
    return { limits, prices: prices.toSorted((a, b) => b.since - a.since), read: performance.now() }
  }

  /** Puts down what the installation asks for a model, where that is news. */
  async #offer(organisation: string, model: string, rules: Rules): Promise<void> {
    const offer = this.#options.offer?.(model) ?? null
    const rate = offer?.price ?? (offer?.here === true ? this.#paces.get(model)?.rate() : null) ?? null
    if (rate === null) return
    const name = offered(model)
    const before = rules.prices.find((price) => price.model === name)
    const measured = offer?.price == null
    if (before !== undefined && !changed(before, rate, measured ? 0.05 : 0)) return
    const price = { model: name, since: this.#clock(), ...rate }
    // At once in what is known here, so that no other request writes it too.
    rules.prices.unshift(price)
    await this.#store.prices.set(organisation, price)
  }

  #paceOf(model: string): Pace | null {
    const { runningCost, offer } = this.#options
    if (runningCost == null || offer?.(model)?.here !== true) return null
    const known = this.#paces.get(model)
    if (known !== undefined) return known
    const pace = new Pace(runningCost.currency, hourly(runningCost))
    this.#paces.set(model, pace)
    return pace
  }

  #renew(): void {
    for (const account of this.#open)
      account.renew().catch((error: unknown) => this.#options.log?.(`The ledger was not told of a request: ${error}`))
  }
}

const askerOf = ({ organisation, project, person, key }: Caller, model: string): Asker => ({
  organisation,
  project,
  person,
  key,
  model,
})

function needOf({ input, output }: Bound, { prices }: Rules, model: string, now: number): Need {
  const price = priceAmong(
    prices.filter(({ since }) => since <= now),
    model,
  )
  const money = price && { amount: costOf({ input, cached: 0, output }, price), currency: price.currency }
  return { tokens: input + output, money }
}

const changed = (before: Omit<Price, 'model' | 'since'>, now: Omit<Price, 'model' | 'since'>, by: number): boolean =>
  before.currency !== now.currency ||
  (['input', 'cached', 'output'] as const).some((each) => Math.abs(before[each] - now[each]) > by * before[each])

/** What was refused and until when, in words that name the limit and not its counter. */
function refusal(
  { subject, field = '', limit }: StoreError,
  charges: readonly Charge[],
  limits: readonly Limit[],
  asker: Asker,
  now: number,
): ApiError {
  const charge = charges.find((one) => one.subject === subject && one.metric === field && one.maximum === limit)
  const met = limitsFor(limits, asker).find(
    (one) => counterOf(one, asker) === subject && one.metric === field && one.maximum === limit,
  )
  if (charge === undefined || met === undefined) return new ApiError('rate_limit_exceeded', 'A limit is reached.')
  const reached = `The limit of ${limitWords(met)} is reached`
  if (met.period === 'none')
    return new ApiError('rate_limit_exceeded', `${reached}. Wait until a request has ended.`, null, 1)
  const until = `${new Date(charge.until).toISOString().slice(0, 19)}Z`
  const seconds = Math.max(1, Math.ceil((charge.until - now) / 1000))
  const code = met.period === 'minute' ? 'rate_limit_exceeded' : 'insufficient_quota'
  return new ApiError(code, `${reached} until ${until}. Wait, or ask for a higher limit.`, null, seconds)
}
