import type { ChatRequest, CompletionRequest, GenerationRequest } from '#serve/engine'

const open: Omit<GenerationRequest, 'model'> = {
  sampling: {
    temperature: null,
    topK: null,
    topP: null,
    minP: null,
    repetitionPenalty: null,
    presencePenalty: null,
    frequencyPenalty: null,
    logitBias: new Map(),
    seed: 7,
  },
  maxTokens: null,
  stop: [],
  topLogprobs: null,
  choices: 1,
}

/** A conversation of one message that leaves every setting open. */
export function chatAsk(more: Partial<ChatRequest> = {}): ChatRequest {
  return { ...open, model: 'm', messages: [{ role: 'user', content: 'hi' }], ...more }
}

/** A plain prompt that leaves every setting open. */
export function completionAsk(more: Partial<CompletionRequest> = {}): CompletionRequest {
  return { ...open, model: 'm', prompts: ['hi'], suffix: null, echo: false, ...more }
}
