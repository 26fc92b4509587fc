/** Which limits hold for a request, and what it takes of each: tables and arithmetic, without a clock or a store. */

export interface Limit {
  /** `organisation`, `project:ID`, `person:ID`, `key:ID` or `model:NAME`; `*` for each of a kind that has none of its own. */
  subject: string
  /** `requests`, `tokens`, `money:EUR`, `concurrent` or `storage`. */
  metric: string
  period: string
  maximum: number
}

/** Whose request it is, and for which model; an empty name is nobody's and has no limit. */
export interface Asker {
  organisation: string
  project: string
  person: string
  key: string
  model: string
}

/** What a request may need at most. Money is counted in billionths of its currency. */
export interface Need {
  tokens: number
  money: { amount: number; currency: string } | null
}

export interface Charge {
  subject: string
  metric: string
  start: number
  until: number
  amount: number
  maximum: number
  partly?: boolean
}

const day = 86_400_000
/** What is counted without end. */
export const forever = Number.MAX_SAFE_INTEGER

/** From when until when a period counts what is taken now; days and months are those of UTC. */
export function windowOf(period: string, now: number): { start: number; until: number } {
  const whole = (length: number) => ({ start: now - (now % length), until: now - (now % length) + length })
  if (period === 'minute') return whole(60_000)
  if (period === 'day') return whole(day)
  if (period !== 'month') return { start: 0, until: forever }
  const at = new Date(now)
  const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()]
  return { start: Date.UTC(year, month), until: Date.UTC(year, month + 1) }
}

const kinds = ['project', 'person', 'key', 'model'] as const

/** The limits that hold: a subject's own one goes before that of all of its kind. */
export function limitsFor<L extends Limit>(limits: readonly L[], asker: Asker): L[] {
  const chains = [['organisation'], ...kinds.filter((kind) => asker[kind] !== '').map((kind) => chainOf(kind, asker))]
  const same = (a: L, b: L) => a.metric === b.metric && a.period === b.period
  return chains.flatMap((chain) => {
    const [own = [], others = []] = chain.map((subject) => limits.filter((limit) => limit.subject === subject))
    return [...own, ...others.filter((other) => !own.some((one) => same(one, other)))]
  })
}

const chainOf = (kind: (typeof kinds)[number], asker: Asker): string[] => [`${kind}:${asker[kind]}`, `${kind}:*`]

/** The counter that a limit counts on. The organisation and the period are part of its name: none is shared by accident. */
export function counterOf({ subject, period }: Limit, asker: Asker): string {
  const kind = kinds.find((each) => subject.startsWith(`${each}:`))
  return `${asker.organisation} ${kind === undefined ? subject : `${kind}:${asker[kind]}`} ${period}`
}

/** What a request takes of each limit; tokens and money are what it may need at most, and seldom does. */
export function chargesFor(limits: readonly Limit[], asker: Asker, need: Need, now: number): Charge[] {
  return limitsFor(limits, asker).flatMap((limit): Charge[] => {
    const charge = { subject: counterOf(limit, asker), metric: limit.metric, maximum: limit.maximum }
    const within = { ...charge, ...windowOf(limit.period, now) }
    const [metric, currency] = limit.metric.split(':')
    if (metric === 'requests' || metric === 'concurrent') return [{ ...within, amount: 1 }]
    // A need of nothing is still held against the limit: one that is used up lets nobody in.
    if (metric === 'tokens') return [{ ...within, amount: Math.max(1, need.tokens), partly: true }]
    if (metric === 'money' && need.money?.currency === currency)
      return [{ ...within, amount: Math.max(1, need.money.amount), partly: true }]
    return []
  })
}

/** The room for files: the least of the storage limits that hold, or what there is without any. */
export function storageFor(limits: readonly Limit[], asker: Asker, otherwise: number): number {
  const held = limitsFor(limits, asker).filter(({ metric }) => metric === 'storage')
  return held.reduce((least, { maximum }) => Math.min(least, maximum), otherwise)
}

const periodWords: Record<string, string> = { minute: ' a minute', day: ' a day', month: ' a month' }

/** What a limit is of, for a sentence: `100 tokens a day of the key key_1`. */
export function limitWords({ subject, metric, period, maximum }: Limit): string {
  const [what, currency] = metric.split(':')
  const amount = what === 'money' ? `${maximum / 1e9} ${currency}` : String(maximum)
  const unit = what === 'money' ? '' : what === 'concurrent' ? ' requests at once' : ` ${what}`
  const [kind, name] = subject.split(/:(.*)/s)
  const whose = name === undefined ? `the ${kind}` : name === '*' ? `each ${kind}` : `the ${kind} ${name}`
  return `${amount}${unit}${periodWords[period] ?? ''} of ${whose}`
}
