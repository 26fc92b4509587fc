import type { FastifyInstance, FastifyReply } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { csv } from '#serve/csv'
import type { Store } from '#store/open'
import type { ReportRow } from '#store/usage'
import { errorBodySchema } from '#wire/error-body'
import {
  type CostResult,
  costResultSchema,
  pageOf,
  type UsageResult,
  usageQuerySchema,
  usageResultSchema,
} from '#wire/usage'
import { askedOf, bucketsOf } from './buckets.ts'

const failures = { '4xx': errorBodySchema, '5xx': errorBodySchema }
/** What the ledger calls a request that an answer was written for. */
const written = ['chat', 'completion', 'message', 'response', 'infill', 'other']

/** `GET /v1/organization/usage/completions`, `/usage/embeddings` and `/costs`. */
export function usageRoutes(app: FastifyInstance, store: Store): void {
  const typed = app.withTypeProvider<ZodTypeProvider>()
  for (const [what, kinds] of [
    ['completions', written],
    ['embeddings', ['embedding']],
  ] as const) {
    const schema = {
      summary: `What ${what} took, by time and whoever is asked for`,
      querystring: usageQuerySchema,
      response: { 200: pageOf(usageResultSchema), ...failures },
    }
    typed.get(`/v1/organization/usage/${what}`, { schema }, async ({ caller, query }, reply) => {
      const asked = askedOf(query, '1d', kinds)
      const rows = await store.usage.report(caller.organisation, asked.query)
      const page = bucketsOf(asked, merged(rows), (row) => usageOf(what, row))
      return query.format === 'csv' ? sendTable(reply, what, page.data) : page
    })
  }
  const schema = {
    summary: 'What it cost, by day',
    querystring: usageQuerySchema,
    response: { 200: pageOf(costResultSchema), ...failures },
  }
  typed.get('/v1/organization/costs', { schema }, async ({ caller, query }, reply) => {
    const asked = askedOf(query, '1d', null)
    const rows = await store.usage.report(caller.organisation, asked.query)
    const page = bucketsOf(
      asked,
      rows.filter(({ currency }) => currency !== ''),
      costOf,
    )
    return query.format === 'csv' ? sendTable(reply, 'costs', page.data) : page
  })
}

/** Usage knows no currency: rows that differ in nothing else are one. */
function merged(rows: readonly ReportRow[]): ReportRow[] {
  const sums = new Map<string, ReportRow>()
  for (const row of rows) {
    const { start, project, person, key, model } = row
    const name = JSON.stringify([start, project, person, key, model])
    const sum = sums.get(name)
    if (sum === undefined) sums.set(name, { ...row })
    else for (const each of ['requests', 'input', 'cached', 'output'] as const) sum[each] += row[each]
  }
  return [...sums.values()]
}

function usageOf(what: string, row: ReportRow): UsageResult {
  const { project, person, key, model } = row
  const result = {
    object: `organization.usage.${what}.result`,
    input_tokens: row.input,
    num_model_requests: row.requests,
    project_id: project ?? null,
    user_id: person ?? null,
    api_key_id: key ?? null,
    model: model ?? null,
  }
  if (what === 'embeddings') return result
  const audio = { input_audio_tokens: 0, output_audio_tokens: 0 }
  return {
    ...result,
    output_tokens: row.output,
    input_cached_tokens: row.cached,
    ...audio,
    batch: null,
    service_tier: null,
  }
}

function costOf({ cost, currency, project, key, model }: ReportRow): CostResult {
  return {
    object: 'organization.costs.result',
    amount: { value: Number(cost) / 1e9, currency: currency.toLowerCase() },
    line_item: model ?? null,
    project_id: project ?? null,
    api_key_id: key ?? null,
  }
}

type Cell = string | number | boolean | null

interface Bucket {
  start_time: number
  end_time: number
  results: object[]
}

/** One row for each result, with the time of its bucket. */
export function sendTable(reply: FastifyReply, name: string, buckets: readonly Bucket[]): FastifyReply {
  const rows = buckets.flatMap(({ start_time, end_time, results }) =>
    results.map((result): Record<string, Cell> => ({ start_time, end_time, ...flat(result) })),
  )
  const head = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  return sendCsv(
    reply,
    name,
    csv(
      head.length > 0 ? head : ['start_time', 'end_time'],
      rows.map((row) => head.map((each) => row[each] ?? null)),
    ),
  )
}

export function sendCsv(reply: FastifyReply, name: string, text: string): FastifyReply {
  return reply
    .type('text/csv; charset=utf-8')
    .header('content-disposition', `attachment; filename="${name}.csv"`)
    .header('cache-control', 'no-store')
    .send(text)
}

function flat(result: object): Record<string, Cell> {
  const { object: _, amount, ...rest } = result as Record<string, Cell> & { amount: object | undefined }
  return { ...rest, ...amount }
}
