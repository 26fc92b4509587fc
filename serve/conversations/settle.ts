import type { Message } from '#store/conversations'
import { StoreError } from '#store/errors'
import type { Store } from '#store/open'
import type { AnswerDetail, AnswerEvent } from '#wire/conversations'
import { textOf } from './prompt.ts'

/**
 * The message of an answer whose server ended before it did: everything that was kept of it, marked as broken off.
 * Messages that are whole, or are being written, stay as they are.
 */
export async function settled(store: Store, owner: string, conversation: string, message: Message): Promise<Message> {
  const detail = message.detail as AnswerDetail
  if (detail.state !== 'writing' || detail.stream === undefined) return message
  const events = await eventsOf(store, owner, detail.stream)
  if (events === 'open') return message
  const kept = textOf(message.content)
  // The message begins with what was there before the events, and may have taken over a part of them.
  const said = (events ?? []).map((event) => (event.type === 'text' ? event.text : '')).join('')
  const whole = events === null ? kept : kept.slice(0, detail.base ?? 0) + said
  const { base: _base, ...rest } = detail
  return await store.conversations.amendMessage(owner, conversation, message.id, {
    content: whole,
    text: whole,
    status: whole === '' ? 'failed' : 'partial',
    detail: { ...rest, state: 'lost' },
  })
}

/** All events of a stream that has ended; null where it is forgotten. */
async function eventsOf(store: Store, owner: string, stream: string): Promise<AnswerEvent[] | 'open' | null> {
  const found: AnswerEvent[] = []
  let after = -1
  try {
    for (;;) {
      const { events, state, ended } = await store.streams.read(owner, stream, after)
      if (state === 'open') return 'open'
      for (const { data } of events) found.push(JSON.parse(data) as AnswerEvent)
      if (ended) return found
      after = events.at(-1)!.seq
    }
  } catch (error) {
    if (error instanceof StoreError && error.code === 'absent') return null
    throw error
  }
}
