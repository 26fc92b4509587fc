/** What a conversation is made of. */

export interface ChatMessage {
  role: 'system' | 'developer' | 'user' | 'assistant' | 'tool'
  content: string
  /** Which of several speakers of this role it is; `ChatFormat.showsName` says whether the model is shown it. */
  name?: string
  /** What an assistant's message called. */
  calls?: readonly ChatCall[]
}

export interface ChatCall {
  name: string
  /** JSON. */
  arguments: string
}

/** A function that the model may call. */
export interface ChatTool {
  name: string
  description?: string
  /** JSON Schema of the arguments. */
  parameters?: unknown
}
