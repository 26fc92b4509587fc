import type { Dimension, ReportQuery, ReportRow } from '#store/usage'
import { ApiError } from '#wire/errors'
import { pages, type UsageQuery, widths } from '#wire/usage'

/** From a query in OpenAI's words to what the ledger is asked, and back to buckets. */

export interface Asked {
  query: ReportQuery
  width: number
  /** Where the next page begins, in seconds; null where this one is the last. */
  next: number | null
}

const dimensions: Partial<Record<string, Dimension>> = {
  project_id: 'project',
  user_id: 'person',
  api_key_id: 'key',
  model: 'model',
  line_item: 'model',
  batch: 'kind',
}

export function askedOf(query: UsageQuery, usual: keyof typeof widths, kinds: readonly string[] | null): Asked {
  const name = query.bucket_width ?? usual
  const width = widths[name]
  const [usually, most] = pages[name]
  const whole = (time: number) => time - (time % width)
  if (query.page !== undefined && !/^page_\d{1,11}$/.test(query.page))
    throw new ApiError('invalid_value', "Invalid 'page': take it from next_page of the page before.", 'page')
  const start = query.page === undefined ? whole(query.start_time) : Number(query.page.slice('page_'.length))
  const end = query.end_time ?? Math.floor(Date.now() / 1000) + 1
  if (end <= (query.page === undefined ? query.start_time : start))
    throw new ApiError('invalid_value', "Invalid 'end_time': it is not after 'start_time'.", 'end_time')
  const until = Math.min(whole(end - 1) + width, start + width * Math.min(query.limit ?? usually, most))
  const only = {
    project: query.project_ids,
    person: query.user_ids,
    key: query.api_key_ids,
    model: query.models,
    kind: kinds ?? undefined,
  }
  const by = [...new Set((query.group_by ?? []).flatMap((each) => dimensions[each] ?? []))]
  const from = Math.max(start, query.page === undefined ? query.start_time : 0)
  return {
    query: { from: from * 1000, until: Math.min(until, end) * 1000, bucketMs: width * 1000, by, only },
    width,
    next: until < end ? until : null,
  }
}

/** Every bucket of the time that was asked for, those with nothing in them too. */
export function bucketsOf<R>({ query, width, next }: Asked, rows: readonly ReportRow[], result: (row: ReportRow) => R) {
  const first = Math.floor(query.from / 1000 / width) * width
  const length = Math.ceil((query.until / 1000 - first) / width)
  const data = Array.from({ length }, (_, at) => {
    const start_time = first + at * width
    const inside = rows.filter(({ start }) => start === start_time * 1000)
    return { object: 'bucket' as const, start_time, end_time: start_time + width, results: inside.map(result) }
  })
  return { object: 'page' as const, data, has_more: next !== null, next_page: next === null ? null : `page_${next}` }
}
