import type { Script } from '#serve/scripted-engine'

/** Divides a text into pieces about as long as a small model's tokens. */
export function pieces(text: string): string[] {
  return text.match(/\n+|[^\S\n]*[^\s\p{Script=Han}]{1,5}|[^\S\n]*\p{Script=Han}|\s+/gu) ?? []
}

/** A script that gives each question its own answer: answers by turns where a question is asked again. */
export function play(answers: Readonly<Record<string, string | readonly string[]>>, delayMs = 0): Script {
  const asked = new Map<string, number>()
  const tokens: Script['tokens'] = (request) => {
    const question = 'messages' in request ? (request.messages.at(-1)?.content ?? '') : ''
    const known = answers[question] ?? `I was asked: ${question}`
    const times = asked.get(question) ?? 0
    asked.set(question, times + 1)
    return pieces(typeof known === 'string' ? known : known[times % known.length])
  }
  return { tokens, delayMs, promptTokens: 42 }
}
