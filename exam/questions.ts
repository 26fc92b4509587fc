/** What an examinee is shown: the words of a question, the examples before it, as plain text or as a conversation. */
import type { Message } from './examinee.ts'
import type { Item } from './item.ts'
import type { Task } from './task.ts'

export const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'

/** The question's words, up to where an answer begins. */
export function wordsOf(item: Item, task: Task): string {
  if (task.prompt !== undefined) return filled(task.prompt, item)
  if (task.kind === 'cloze' || item.code) return item.code && !task.chat ? item.code.prefix : item.question
  const parts = [item.context, listsOptions(task) ? `${item.question}\n${optionList(item)}` : item.question]
  const body = parts.filter(Boolean).join('\n')
  return task.chat ? body : `${body}\n${task.language === 'zh' ? '答案：' : 'Answer:'}`
}

/** Options stand in the question where the answer names one of them. */
const listsOptions = (task: Task) =>
  (task.kind === 'choice' || task.kind === 'bias' || task.kind === 'counterfactual') &&
  (task.style === 'letter' || task.by === 'words')

export const optionList = (item: Item): string =>
  (item.options ?? []).map((option, i) => `${letters[i]}. ${option}`).join('\n')

function filled(template: string, item: Item): string {
  const known: Record<string, string> = {
    ...item.fields,
    question: item.question,
    context: item.context ?? '',
    options: optionList(item),
  }
  return template.replace(/\{(\w+)\}/g, (mark, name: string) => (Object.hasOwn(known, name) ? known[name] : mark))
}

/** The answer that an example shows. */
function answerOf(item: Item, task: Task): string {
  if (item.options && item.right)
    return task.style === 'letter' ? item.right.map((at) => letters[at]).join('') : item.options[item.right[0]]
  return item.fields?.solution ?? item.answers?.[0] ?? item.score?.toFixed(0) ?? ''
}

/** What stands between a question and its answer in plain text; Chinese puts nothing there. */
export const gapOf = (words: string, task: Task): string => (task.language === 'zh' || /\s$/.test(words) ? '' : ' ')

function exampleText(item: Item, task: Task): string {
  const words = wordsOf(item, task)
  return `${words}${gapOf(words, task)}${answerOf(item, task)}`
}

/** The question after its examples, as one text. */
export function plainQuestion(item: Item, task: Task, examples: readonly Item[]): string {
  return [...examples.map((example) => exampleText(example, task)), wordsOf(item, task)].join('\n\n')
}

/** The question after its examples, as a conversation. */
export function chatQuestion(item: Item, task: Task, examples: readonly Item[]): Message[] {
  const system: Message[] = task.system === undefined ? [] : [{ role: 'system', content: task.system }]
  const shown = examples.flatMap((example): Message[] => [
    { role: 'user', content: wordsOf(example, task) },
    { role: 'assistant', content: answerOf(example, task) },
  ])
  return [...system, ...shown, { role: 'user', content: wordsOf(item, task) }]
}

/** The texts whose likelihoods decide a choice. */
export function continuationsOf(item: Item, task: Task): string[] {
  const gap = gapOf(wordsOf(item, task), task)
  return (item.options ?? []).map((option, i) => gap + (task.style === 'letter' ? letters[i] : option))
}

/**
 * The option that a written answer names: by a letter that stands alone, or by its text where that is the only one
 * there. −1 where it names none, or leaves it open.
 */
export function optionsIn(said: string, options: readonly string[]): number[] {
  const known = letters.slice(0, options.length)
  const stated = said.match(
    new RegExp(
      `(?:answer is|answer:|answers are|答案是|答案为|答案：|答案:|选择?)\\s*[(（]?([${known}]{1,${options.length}})(?![\\w'’])`,
      'iu',
    ),
  )
  const alone = said.match(
    new RegExp(`(?:^|[^\\p{L}\\p{N}'’])([${known}])(?=$|[^\\p{L}\\p{N}'’]|\\p{Script=Han})`, 'u'),
  )
  // "A" is a word too: alone it only counts where an answer begins or a mark follows.
  const article = alone && /^A\s+\p{Ll}/u.test(said.slice((alone.index ?? 0) + alone[0].length - 1))
  const named = stated?.[1] ?? (article ? undefined : alone?.[1])
  if (named !== undefined) return [...named.toUpperCase()].map((letter) => known.indexOf(letter))
  const lower = said.toLowerCase()
  const there = options.map((option, i) => (lower.includes(option.trim().toLowerCase()) ? i : -1)).filter((i) => i >= 0)
  return there.length === 1 ? there : []
}
