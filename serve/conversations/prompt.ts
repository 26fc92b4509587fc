import type { ChatTurn } from '#serve/engine'
import type { Message } from '#store/conversations'
import type { AnswerRequest } from '#wire/conversations'

/** The words of a message, whatever form its content has. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content.map((part: { text?: unknown }) => (typeof part?.text === 'string' ? part.text : '')).join('')
}

const goOn = {
  en: 'Your last answer broke off. Go on exactly where it stopped, without repeating anything.',
  zh: '你上一条回答中断了。请从中断的地方接着写，不要重复已经写过的内容。',
}

/** What stands before a conversation: what its owner, its folder and it itself ask for, in this order. */
export function instructionsOf(...parts: (string | null | undefined)[]): string {
  return parts
    .map((part) => part?.trim() ?? '')
    .filter(Boolean)
    .join('\n\n')
}

/** The turns that a model reads. Answers that came to nothing are left out. */
export function turnsOf(path: readonly Message[], instructions: string): ChatTurn[] {
  const turns: ChatTurn[] = instructions === '' ? [] : [{ role: 'system', content: instructions }]
  for (const { role, content } of path) {
    const text = textOf(content)
    if (text.trim() === '') continue
    if (role === 'user' || role === 'assistant' || role === 'system') turns.push({ role, content: text })
  }
  return turns
}

/** Asks that the last answer go on. */
export const goOnTurn = (language: AnswerRequest['language']): ChatTurn => ({
  role: 'user',
  content: goOn[language ?? 'en'],
})
