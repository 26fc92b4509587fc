import type { CallPiece, EngineToken } from '#serve/engine'
import type { ChatChunk, ChatReply } from '#wire/chat'
import type { ToolCallDelta } from '#wire/tools'
import type { ReplyFormat } from './format.ts'
import { chatLogprobs, joinChatLogprobs } from './logprobs.ts'

type ChunkChoice = ChatChunk['choices'][number]
type WholeChoice = ChatReply['choices'][number]

function wholeLogprobs(tokens: readonly EngineToken[]) {
  const parts = tokens.map(chatLogprobs).filter((part) => part !== null)
  return parts.length === 0 ? null : joinChatLogprobs(parts)
}

/** A piece of a call; the first of each call, which has no arguments yet, says which call it is. */
function callDelta({ number, id, name, arguments: more }: CallPiece): ToolCallDelta {
  if (more !== '') return { index: number, function: { arguments: more } }
  return { index: number, id, type: 'function', function: { name, arguments: '' } }
}

function wholeCalls(tokens: readonly EngineToken[]): NonNullable<WholeChoice['message']['tool_calls']> {
  const calls = new Map<number, { id: string; name: string; arguments: string }>()
  for (const { call } of tokens) {
    if (call === undefined) continue
    const { id, name, arguments: more } = call
    calls.set(call.number, { id, name, arguments: (calls.get(call.number)?.arguments ?? '') + more })
  }
  return [...calls.values()].map(({ id, ...called }) => ({ id, type: 'function', function: called }))
}

/** The shapes of `chat.completion` and `chat.completion.chunk`. */
export const chatFormat: ReplyFormat = {
  idPrefix: 'chatcmpl-',
  wholeObject: 'chat.completion',
  chunkObject: 'chat.completion.chunk',
  begin: () => {},
  opening: (index): ChunkChoice => ({
    index,
    delta: { role: 'assistant', content: '' },
    logprobs: null,
    finish_reason: null,
  }),
  delta: (index, content, event): ChunkChoice => ({
    index,
    delta: event?.call === undefined ? { content } : { tool_calls: [callDelta(event.call)] },
    logprobs: event === null ? null : chatLogprobs(event),
    finish_reason: null,
  }),
  closing: (index, finish_reason): ChunkChoice => ({ index, delta: {}, logprobs: null, finish_reason }),
  whole: (index, content, tokens, finish_reason): WholeChoice => {
    const calls = wholeCalls(tokens)
    const said = calls.length > 0 && content === '' ? null : content
    return {
      index,
      message: {
        role: 'assistant',
        content: said,
        refusal: null,
        ...(calls.length > 0 ? { tool_calls: calls } : {}),
      },
      logprobs: wholeLogprobs(tokens),
      finish_reason,
    }
  },
}
