import type { Engine } from '#serve/engine'
import { limits } from '#wire/limits'

const { titleTokens, titleMs } = limits.conversations
const longest = 60
const wordsMost = 12

const wish = {
  en: 'Give this conversation a title of at most six words. Answer with the title alone.',
  zh: '请给这段对话起一个不超过十二个字的标题，只回答标题。',
}

const han = /\p{Script=Han}/u

/** What a conversation is called until it has a title: the beginning of what was said first. */
export function firstWords(question: string): string {
  const line = question.trim().split('\n')[0].replaceAll(/\s+/gu, ' ')
  const letters = [...line]
  if (letters.length <= longest) return line
  const cut = letters.slice(0, longest - 1).join('')
  const space = cut.lastIndexOf(' ')
  return `${space > longest / 2 ? cut.slice(0, space) : cut}…`
}

/** Asks the model for a title, after everything else that waits; null where what it says is none. */
export async function askTitle(
  engine: Engine,
  model: string,
  question: string,
  answer: string,
  signal: AbortSignal,
): Promise<string | null> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(titleMs)])
  const own = { temperature: 0, topK: null, topP: null, minP: null, repetitionPenalty: null }
  const events = engine.chat(
    {
      model,
      messages: [
        { role: 'user', content: question.slice(0, 2000) },
        { role: 'assistant', content: answer.slice(0, 2000) },
        { role: 'user', content: han.test(question) ? wish.zh : wish.en },
      ],
      sampling: { ...own, presencePenalty: null, frequencyPenalty: null, logitBias: new Map(), seed: 1 },
      maxTokens: titleTokens,
      stop: ['\n'],
      topLogprobs: null,
      choices: 1,
      background: true,
    },
    limit,
  )
  let said = ''
  try {
    for await (const event of events) if (event.type !== 'start') said += event.text
  } catch {
    // A title is a courtesy: without one the first words stay.
    return null
  }
  return limit.aborted ? null : readTitle(said, question, answer)
}

/** A title out of what a model said; null where it is none, or has nothing to do with what was said. */
export function readTitle(said: string, question: string, answer: string): string | null {
  const line = said
    .trim()
    .split('\n')[0]
    .replace(/^(?:title|标题)\s*[:：]\s*/iu, '')
    .replaceAll(/^[\s"'“”‘’《「#*]+|[\s"'“”‘’》」*.。!！]+$/gu, '')
    .replaceAll(/\s+/gu, ' ')
  if ([...line].length < 2 || [...line].length > longest || line.split(' ').length > wordsMost) return null
  // A small model answers instead: what it says then is a sentence of its answer, or about something else.
  if (answer.toLowerCase().startsWith(line.toLowerCase())) return null
  // Nor is what it was asked a title.
  if (Object.values(wish).some((words) => line.includes(words.slice(0, 8)))) return null
  const known = new Set(piecesOf(`${question} ${answer}`))
  return piecesOf(line).some((piece) => known.has(piece)) ? line : null
}

/** Words of four letters and more, and pairs of Chinese characters. */
function piecesOf(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]{4,}/gu) ?? []
  const pairs = [...text.matchAll(/\p{Script=Han}(?=(\p{Script=Han}))/gu)].map(([first, second]) => first + second)
  return [...words.filter((word) => !han.test(word)), ...pairs]
}
