import { csv } from '#serve/csv'
import type { Price } from '#store/prices'
import type { Dimension, ReportRow } from '#store/usage'
import { texts } from '../catalogue.ts'
import { type Command, number, parse, UsageError } from '../command.ts'
import { actor, withStore } from '../kept-store.ts'
import { table } from '../table.ts'

const options = {
  data: { type: 'string' },
  org: { type: 'string' },
  days: { type: 'string', default: '30' },
  by: { type: 'string', default: '' },
  price: { type: 'string' },
  csv: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const

type Values = ReturnType<typeof parse<typeof options>>['values']

const dimensions: readonly Dimension[] = ['model', 'project', 'person', 'key', 'kind']
const dayMs = 86_400_000

async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parse(argv, options)
  const [action, model, ...extra] = positionals
  if (extra.length > 0 || (action === 'price') !== (model !== undefined) || (action === 'price' && !values.price))
    throw new UsageError(texts().ledger.usageAction)
  if (action === 'report') return report(values)
  if (action === 'price') return price(values, model)
  if (action !== 'prices') throw new UsageError(texts().ledger.usageAction)
  return prices(await withStore(values, (store, organisation) => store.prices.list(organisation)), values)
}

async function report(values: Values): Promise<number> {
  const by = values.by.split(',').filter(Boolean)
  if (by.some((each) => !dimensions.some((one) => one === each))) throw new UsageError(texts().ledger.groups(values.by))
  const days = number('days', values.days, { min: 1, max: 36_600, whole: true })!
  const until = Math.ceil(Date.now() / dayMs) * dayMs
  const query = { from: until - days * dayMs, until, by: by as Dimension[] }
  const rows = await withStore(values, (store, organisation) => store.usage.report(organisation, query))
  const cells = rows.map((row) => [...by.map((each) => row[each as Dimension] ?? ''), ...figures(row)])
  const head = [...by, ...texts().ledger.usageHead]
  if (values.csv) console.log(csv([...by, 'requests', 'input', 'cached', 'output', 'cost'], cells).trimEnd())
  else if (values.json) console.log(JSON.stringify(rows.map((row) => ({ ...row, cost: moneyOf(row) }))))
  else if (rows.length === 0) console.log(texts().ledger.nothing)
  else console.log(table([head, ...cells], { right: head.map((_, at) => at).slice(by.length) }))
  return 0
}

const figures = (row: ReportRow): string[] => [
  ...[row.requests, row.input, row.cached, row.output].map(String),
  row.currency === '' ? '' : `${moneyOf(row)} ${row.currency}`,
]

/** Exact: billionths as a decimal fraction. */
function moneyOf({ cost }: ReportRow): string {
  const digits = String(cost).padStart(10, '0')
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`.replace(/\.?0+$/, '')
}

async function price(values: Values, model: string): Promise<number> {
  const match = /^([A-Z]{3}):(\d+(?:\.\d+)?):(\d+(?:\.\d+)?):(\d+(?:\.\d+)?)$/.exec(values.price ?? '')
  if (match === null) throw new UsageError(texts().ledger.usageAction)
  const [input, cached, output] = match.slice(2).map((amount) => Math.round(Number(amount) * 1e9))
  const set = { model, since: Date.now(), currency: match[1], input, cached, output }
  const all = await withStore(values, async (store, organisation) => {
    const entry = { actor, action: 'price.set', target: model, detail: set }
    await store.together([store.plan.prices.set(organisation, set), store.plan.audit.append(organisation, entry)])
    return store.prices.list(organisation)
  })
  return prices(all, values)
}

function prices(all: readonly Price[], { json }: Values): number {
  const { priceHead, nothing, byInstallation, byOrganization } = texts().ledger
  const shown = all.map(({ model, since, currency, ...rates }) => ({
    model: model.replace(/^~/, ''),
    since: new Date(since).toISOString(),
    currency,
    input: rates.input / 1e9,
    cached: rates.cached / 1e9,
    output: rates.output / 1e9,
    by: model.startsWith('~') ? 'installation' : 'organization',
  }))
  if (json) console.log(JSON.stringify(shown))
  else if (shown.length === 0) console.log(nothing)
  else {
    const rows = shown.map(({ by, ...rest }) => [
      ...Object.values(rest).map(String),
      by === 'installation' ? byInstallation : byOrganization,
    ])
    console.log(table([priceHead, ...rows], { right: [3, 4, 5] }))
  }
  return 0
}

export const usage: Command = { run }
