import { greedy } from '#model/decoding'
import type { Prompts } from '../local/prompts.ts'

const bytes = (text: string) => Uint32Array.from(Buffer.from(text))

/** Prompts for tests: a token is a byte, a conversation its contents one after the other. */
export function scriptedPrompts(contextLength: number): Prompts {
  return {
    capabilities: ['chat', 'completions', 'fill', 'tokenize'],
    vocabSize: 256,
    contextLength,
    stopIds: [0],
    defaults: { ...greedy, temperature: 0.7, topP: 0.9 },
    chat(messages, reserve) {
      let kept = messages
      const ids = () => bytes(kept.map((message) => message.content).join(''))
      while (reserve !== null && kept.length > 1 && ids().length + reserve > contextLength) kept = kept.slice(1)
      return { ids: ids(), droppedMessages: messages.length - kept.length }
    },
    text: bytes,
    gap: (prefix, suffix) => bytes(`<${prefix}|${suffix}>`),
    decode: (ids) => Buffer.from(ids).toString(),
  }
}
