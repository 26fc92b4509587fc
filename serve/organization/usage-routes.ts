import type { FastifyInstance, FastifyReply } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { csv } from '#serve/csv'
import { batchKind } from '#serve/metering'
import type { Store } from '#store/open'
import type { ReportRow } from '#store/usage'
import { failures } from '#wire/error-body'
import {
  type CompletionsUsage,
  type CostResult,
  completionsUsageQuerySchema,
  completionsUsageSchema,
  costResultSchema,
  costsQuerySchema,
  type EmbeddingsUsage,
  embeddingsUsageQuerySchema,
  embeddingsUsageSchema,
  pageOf,
} from '#wire/usage'
import { askedOf, bucketsOf } from './buckets.ts'

/** What the ledger calls a request that an answer was written for. */
const single = ['chat', 'completion', 'message', 'response', 'infill', 'other']
const inBatches = single.map((kind) => batchKind + kind)
const embedded = ['embedding', `${batchKind}embedding`]

/** `GET /v1/organization/usage/completions`, `/usage/embeddings` and `/costs`. */
export function usageRoutes(app: FastifyInstance, store: Store): void {
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const completions = {
    summary: 'What completions took, by time and whoever is asked for',
    querystring: completionsUsageQuerySchema,
    response: { 200: pageOf(completionsUsageSchema), ...failures },
  }
  typed.get('/v1/organization/usage/completions', { schema: completions }, async ({ caller, query }, reply) => {
    const kinds = { true: inBatches, false: single, both: [...single, ...inBatches] }[query.batch ?? 'both']
    const asked = askedOf(query, '1d', kinds)
    const rows = merged(await store.usage.report(caller.organisation, asked.query))
    const page = bucketsOf(asked, rows, completionsOf)
    return query.format === 'csv' ? sendTable(reply, 'completions', page.data) : page
  })
  const embeddings = {
    summary: 'What embeddings took, by time and whoever is asked for',
    querystring: embeddingsUsageQuerySchema,
    response: { 200: pageOf(embeddingsUsageSchema), ...failures },
  }
  typed.get('/v1/organization/usage/embeddings', { schema: embeddings }, async ({ caller, query }, reply) => {
    const asked = askedOf(query, '1d', embedded)
    const rows = merged(await store.usage.report(caller.organisation, asked.query))
    const page = bucketsOf(asked, rows, embeddingsOf)
    return query.format === 'csv' ? sendTable(reply, 'embeddings', page.data) : page
  })
  const schema = {
    summary: 'What it cost, by day',
    querystring: costsQuerySchema,
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

/** Usage knows no currency, and of kinds no more than whether they are of batches: rows alike in the rest are one. */
function merged(rows: readonly ReportRow[]): ReportRow[] {
  const sums = new Map<string, ReportRow>()
  for (const row of rows) {
    const { start, project, person, key, model } = row
    const name = JSON.stringify([start, project, person, key, model, ofBatch(row)])
    const sum = sums.get(name)
    if (sum === undefined) sums.set(name, { ...row })
    else for (const each of ['requests', 'input', 'cached', 'output'] as const) sum[each] += row[each]
  }
  return [...sums.values()]
}

const ofBatch = ({ kind }: ReportRow) => (kind === undefined ? null : kind.startsWith(batchKind))

const used = ({ project, person, key, model, input, requests }: ReportRow) => ({
  input_tokens: input,
  num_model_requests: requests,
  project_id: project ?? null,
  user_id: person ?? null,
  api_key_id: key ?? null,
  model: model ?? null,
})

const completionsOf = (row: ReportRow): CompletionsUsage => ({
  object: 'organization.usage.completions.result',
  ...used(row),
  output_tokens: row.output,
  input_cached_tokens: row.cached,
  input_audio_tokens: 0,
  output_audio_tokens: 0,
  batch: ofBatch(row),
  service_tier: null,
})

const embeddingsOf = (row: ReportRow): EmbeddingsUsage => ({
  object: 'organization.usage.embeddings.result',
  ...used(row),
})

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
