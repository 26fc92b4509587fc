import type { ResponseEvent } from '#wire/response-events'
import type { OutputItem } from '#wire/response-items'
import type { ResponseBody } from '#wire/responses'

/** The response that events tell, as far as they go; null before it was created. */
export function foldEvents(events: Iterable<ResponseEvent>): ResponseBody | null {
  let response: ResponseBody | null = null
  let output: OutputItem[] = []
  for (const event of events) {
    if ('response' in event) {
      response = event.response
      // What an event in mid-answer tells of the whole may be less than what is known; the last has it all.
      if (response.output.length >= output.length) output = structuredClone(response.output)
    } else if (event.type !== 'error') extend(output, event)
  }
  return response === null ? null : { ...response, output }
}

type Piece = Exclude<ResponseEvent, { response: unknown } | { type: 'error' }>

function extend(output: OutputItem[], event: Piece): void {
  if ('item' in event) {
    output[event.output_index] = structuredClone(event.item)
    return
  }
  const item = output[event.output_index]
  if (item === undefined) return
  if (item.type === 'function_call') {
    if (event.type === 'response.function_call_arguments.delta') item.arguments += event.delta
    return
  }
  const parts = item.content as object[]
  if ('part' in event) {
    parts[event.content_index] = structuredClone(event.part)
    return
  }
  if (!('delta' in event && 'content_index' in event)) return
  const part = parts[event.content_index] as { text?: string; refusal?: string; logprobs?: object[] }
  if (event.type === 'response.refusal.delta') part.refusal += event.delta
  else part.text += event.delta
  if ('logprobs' in event) part.logprobs?.push(...event.logprobs)
}
