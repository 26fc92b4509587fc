import type { ChatTurn, Engine, EngineEnd, GenerationRequest } from '#serve/engine'

/** An answer as `--json` writes it. */
export interface Answer {
  role: 'assistant'
  content: string
  finish_reason: EngineEnd['finishReason'] | 'interrupted'
  usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number }
  /** Oldest messages that no longer fit the model's window. */
  dropped_messages: number
}

/** A conversation with its history. */
export class Talk {
  private readonly engine: Engine
  private readonly model: string
  private readonly wish: Pick<GenerationRequest, 'sampling' | 'maxTokens' | 'stop'>
  private messages: ChatTurn[] = []
  private answering: AbortController | null = null

  constructor(
    { engine, id }: { engine: Engine; id: string },
    wish: Pick<GenerationRequest, 'sampling' | 'maxTokens' | 'stop'>,
    system: string | undefined,
  ) {
    this.engine = engine
    this.model = id
    this.wish = wish
    this.begin(system)
  }

  /** Forgets what was said; the system message stays unless another is given. */
  begin(system?: string): void {
    const kept = this.messages.filter(({ role }) => role === 'system')
    this.messages = system === undefined ? kept : system === '' ? [] : [{ role: 'system', content: system }]
  }

  /** Ends the answer that is being written; false where there is none. */
  stop(): boolean {
    if (!this.answering || this.answering.signal.aborted) return false
    this.answering.abort()
    return true
  }

  /** Says something and resolves with the answer, whose text arrives in parts at `onText`. */
  async say(content: string, onText: (text: string) => void): Promise<Answer> {
    this.messages.push({ role: 'user', content })
    this.answering = new AbortController()
    const answer: Answer = {
      role: 'assistant',
      content: '',
      finish_reason: 'interrupted',
      usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
      dropped_messages: 0,
    }
    const { usage } = answer
    const request = { ...this.wish, model: this.model, topLogprobs: null, choices: 1, messages: this.messages }
    try {
      for await (const event of this.engine.chat(request, this.answering.signal)) {
        if (event.type === 'start') {
          usage.prompt_tokens = event.promptTokens
          answer.dropped_messages = event.droppedMessages
          continue
        }
        answer.content += event.text
        onText(event.text)
        usage.completion_tokens += event.type === 'token' ? 1 : 0
        if (event.type !== 'end') continue
        usage.completion_tokens = event.completionTokens
        answer.finish_reason = event.finishReason
      }
    } finally {
      this.answering = null
    }
    usage.total_tokens = usage.prompt_tokens + usage.completion_tokens
    this.messages.push({ role: 'assistant', content: answer.content })
    return answer
  }
}
