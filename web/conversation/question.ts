import type { Sampling } from '../settings/sampling.ts'
import type { Question } from '../stream/answer.ts'
import type { Message } from './tree.ts'

/** The request for an answer after `path`: the system message first, answers that came to nothing left out. */
export function questionFor(path: Message[], sampling: Sampling, model: string): Question {
  const turns: Question['messages'] = path
    .filter((message) => message.text.trim() !== '')
    .map(({ role, text }) => (role === 'user' ? { role, content: text } : { role, content: text }))
  if (sampling.system.trim()) turns.unshift({ role: 'system', content: sampling.system })
  return {
    model,
    messages: turns,
    ...(sampling.temperature !== null && { temperature: sampling.temperature }),
    ...(sampling.topP !== null && { top_p: sampling.topP }),
    ...(sampling.maxTokens !== null && { max_completion_tokens: sampling.maxTokens }),
    ...(sampling.seed !== null && { seed: sampling.seed }),
  }
}
