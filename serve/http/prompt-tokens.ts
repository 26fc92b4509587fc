import type { ChatRequest, Engine, EngineStart } from '#serve/engine'
import { ApiError } from '#wire/errors'

/** What the model itself would read, template and tools included; an engine that knows it only afterwards says one token. */
export async function promptTokens(engine: Engine, asked: ChatRequest, signal: AbortSignal): Promise<number> {
  for await (const event of engine.chat(asked, signal)) {
    if (event.type === 'start') {
      refuseDropped(event)
      if (event.promptTokens > 0) return event.promptTokens
    }
    if (event.type !== 'end') continue
    const known = event.usage?.promptTokens ?? 0
    if (known > 0) return known
    throw new ApiError('upstream_failed', 'The server behind this model does not say how many tokens a prompt has.')
  }
  throw new ApiError('client_closed_request')
}

function refuseDropped({ promptTokens, droppedMessages }: EngineStart): void {
  if (droppedMessages === 0) return
  throw new ApiError(
    'context_length_exceeded',
    `These 'messages' are longer than the model's window: the oldest ${droppedMessages} of them would be left out, and the rest has ${promptTokens} tokens.`,
    'messages',
  )
}
