import assert from 'node:assert/strict'
import { type MessageEvent, messageEventSchema } from '#wire/messages'

/** The events of a stream, each held against the schema and its own name. */
export function eventsOf(text: string): MessageEvent[] {
  return text
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => {
      const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(frame) ?? []
      const event = messageEventSchema.parse(JSON.parse(data))
      assert.equal(event.type, name)
      return event
    })
}
