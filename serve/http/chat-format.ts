import type { EngineToken } from '#serve/engine'
import type { ChatChunk, ChatReply } from '#wire/chat'
import type { ReplyFormat } from './format.ts'
import { chatLogprobs, joinChatLogprobs } from './logprobs.ts'

type ChunkChoice = ChatChunk['choices'][number]
type WholeChoice = ChatReply['choices'][number]

function wholeLogprobs(tokens: readonly EngineToken[]) {
  const parts = tokens.map(chatLogprobs).filter((part) => part !== null)
  return parts.length === 0 ? null : joinChatLogprobs(parts)
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
    delta: { content },
    logprobs: event === null ? null : chatLogprobs(event),
    finish_reason: null,
  }),
  closing: (index, finish_reason): ChunkChoice => ({ index, delta: {}, logprobs: null, finish_reason }),
  whole: (index, content, tokens, finish_reason): WholeChoice => ({
    index,
    message: { role: 'assistant', content, refusal: null },
    logprobs: wholeLogprobs(tokens),
    finish_reason,
  }),
}
