import { StoreError } from '#store/errors'
import type { Store } from '#store/open'
import { ApiError } from '#wire/errors'
import type { ResponseEvent } from '#wire/response-events'
import type { ResponseBody } from '#wire/responses'
import { foldEvents } from './fold.ts'
import { shownError } from './writer.ts'

/** Responses that end without whoever made them: cancelled from elsewhere, or lost with their server. */

const lostText = 'The server ended before this answer was complete. What was written until then is kept; ask again.'

const open = (status: string) => status === 'queued' || status === 'in_progress'

/** Everything that was said so far, and the number of the event that comes next. */
async function told(store: Store, owner: string, id: string): Promise<{ events: ResponseEvent[]; next: number }> {
  const events: ResponseEvent[] = []
  let next = 0
  while (true) {
    const part = await store.streams.read(owner, id, next - 1)
    events.push(...part.events.map(({ data }) => JSON.parse(data) as ResponseEvent))
    if (part.events.length === 0) return { events, next }
    next = (part.events.at(-1)?.seq ?? 0) + 1
  }
}

/** Ends a response that is made on another node, which notices when it says more. */
export async function settleNow(store: Store, owner: string, id: string): Promise<ResponseBody> {
  for (let attempt = 0; ; attempt++) {
    const kept = await store.responses.get(owner, id)
    if (!open(kept.status)) return kept.body as ResponseBody
    const { events, next } = await told(store, owner, id)
    const response: ResponseBody = { ...(foldEvents(events) ?? (kept.body as ResponseBody)), status: 'cancelled' }
    const last: ResponseEvent = { type: 'response.incomplete', sequence_number: next, response }
    const { plan } = store
    try {
      const [, , ended] = await store.together([
        plan.streams.append(owner, id, next, [JSON.stringify(last)]),
        plan.streams.finish(owner, id, 'finished'),
        plan.responses.finish(owner, id, { status: response.status, body: response }),
      ])
      return ended.body as ResponseBody
    } catch (error) {
      // More was said meanwhile, or it has ended by itself.
      const met = error instanceof StoreError && error.code === 'conflict'
      if (!met || attempt === 20) throw error
      if ((await store.streams.read(owner, id, next - 1)).state === 'lost') return failLost(store, owner, id)
    }
  }
}

/** Marks a response as failed whose server is gone. */
export async function failLost(store: Store, owner: string, id: string): Promise<ResponseBody> {
  const kept = await store.responses.get(owner, id)
  if (!open(kept.status)) return kept.body as ResponseBody
  const { events } = await told(store, owner, id)
  const error = shownError(new ApiError('engine_failed', lostText))
  const response: ResponseBody = { ...(foldEvents(events) ?? (kept.body as ResponseBody)), status: 'failed', error }
  return (await store.responses.finish(owner, id, { status: 'failed', body: response })).body as ResponseBody
}

/** The event that ends a stream which lost its server: the same for everybody who reads it. */
export async function lastWord(store: Store, owner: string, id: string, number: number): Promise<ResponseEvent> {
  const response = await failLost(store, owner, id)
  const type = response.status === 'failed' ? 'response.failed' : 'response.incomplete'
  return { type, sequence_number: number, response }
}

export async function settleLost(store: Store): Promise<void> {
  for (const { owner, id } of await store.responses.lost()) await failLost(store, owner, id)
}
