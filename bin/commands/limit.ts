import type { Limit } from '#store/limits'
import { limitNameSchema, maximumSchema } from '#wire/quotas'
import { texts } from '../catalogue.ts'
import { type Command, number, parse, UsageError } from '../command.ts'
import { actor, withStore } from '../kept-store.ts'
import { table } from '../table.ts'

const options = {
  data: { type: 'string' },
  org: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parse(argv, options)
  const [action, ...rest] = positionals
  const fits = { list: 0, set: 4, remove: 3 }[action ?? '']
  if (fits === undefined || rest.length !== fits) throw new UsageError(texts().ledger.limitAction)
  const limit = action === 'list' ? null : limitOf(rest)
  const limits = await withStore(values, async (store, organisation) => {
    if (limit !== null) {
      const { maximum, ...name } = limit
      const [change, did] =
        action === 'set'
          ? [store.plan.limits.set(organisation, limit), 'limit.set']
          : [store.plan.limits.remove(organisation, name), 'limit.removed']
      const { subject: target, ...detail } = action === 'set' ? limit : name
      await store.together([change, store.plan.audit.append(organisation, { actor, action: did, target, detail })])
    }
    return store.limits.list(organisation)
  })
  console.log(values.json ? JSON.stringify(limits) : shown(limits))
  return 0
}

function limitOf([subject, metric, period, maximum]: readonly string[]): Limit {
  const name = limitNameSchema.safeParse({ subject, metric, period })
  if (!name.success) throw new UsageError(texts().ledger.wrongLimit(name.error.issues[0].message))
  const most = number('MAXIMUM', maximum ?? '0', { min: 0, max: Number.MAX_SAFE_INTEGER / 1e9 })!
  // Money is given in its currency and counted in billionths.
  const counted = maximumSchema.safeParse(name.data.metric.startsWith('money') ? Math.round(most * 1e9) : most)
  if (!counted.success) throw new UsageError(texts().ledger.wrongLimit(counted.error.issues[0].message))
  return { ...name.data, maximum: counted.data }
}

function shown(limits: readonly Limit[]): string {
  if (limits.length === 0) return texts().ledger.nothing
  const rows = limits.map(({ subject, metric, period, maximum }) => [
    subject,
    metric,
    period,
    String(metric.startsWith('money') ? maximum / 1e9 : maximum),
  ])
  return table([texts().ledger.limitHead, ...rows], { right: [3] })
}

export const limit: Command = { run }
