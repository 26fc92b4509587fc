import type { AnswerRequest } from '#wire/conversations'
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

/** How an answer that the server keeps is to be made. */
export function askedOf(
  { temperature, topP, maxTokens, seed, system }: Sampling,
  model: string,
  language: 'en' | 'zh',
): Pick<AnswerRequest, 'model' | 'sampling' | 'language'> {
  return {
    ...(model !== '' && { model }),
    language,
    sampling: {
      ...(temperature !== null && { temperature }),
      ...(topP !== null && { top_p: topP }),
      ...(maxTokens !== null && { max_tokens: maxTokens }),
      ...(seed !== null && { seed }),
      ...(system.trim() !== '' && { system }),
    },
  }
}
