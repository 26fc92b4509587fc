/** How a base model, which knows texts but no conversations, is asked: examples of questions with their answers, then the question. */
import { type RuledPrompt, ruledPrompts } from '#data/prompts'

const words = {
  en: { user: 'Question', system: 'Instruction', assistant: 'Answer', between: ': ' },
  zh: { user: '问', system: '要求', assistant: '答', between: '：' },
} as const

/** One line for each message, and the beginning of the answer. */
function lines({ language, messages }: RuledPrompt): string {
  const { between, ...names } = words[language]
  const line = (role: string, content: string) =>
    `${names[role === 'system' || role === 'assistant' ? role : 'user']}${between}${content.replaceAll('\n', ' ')}`
  return `${messages.map(({ role, content }) => line(role, content)).join('\n')}\n${names.assistant}${between.trim()}`
}

/** As the prompted GPT-3 of Ouyang 2022 was: `shots` worked examples of the prompt's language, of training's wordings. */
export function plainly(shots: number): (prompt: RuledPrompt) => string {
  const examples = { en: [] as string[], zh: [] as string[] }
  for (const prompt of ruledPrompts({ seed: 1, count: 40 * shots + 1, split: 'train' })) {
    const { language, messages, answer } = prompt
    const list = examples[language]
    if (list.length < shots && messages.length === 1 && answer.length < 60 && !answer.includes('\n'))
      list.push(`${lines(prompt)} ${answer}\n\n`)
  }
  return (prompt) => examples[prompt.language].join('') + lines(prompt)
}
