import { type Examinee, QuestionTooLongError } from '../examinee.ts'
import type { Item } from '../item.ts'
import type { Asker } from '../method.ts'
import { chatQuestion, plainQuestion } from '../questions.ts'
import type { Task } from '../task.ts'

/** The question does not fit even without examples. */
export class TooLong extends Error {
  override name = 'TooLong'
}

/** Asks one item; `shots` says with how many examples. */
export function askerFor(
  examinee: Examinee,
  task: Task,
  examples: readonly Item[],
  seed: number,
  signal: AbortSignal,
): Asker & { readonly shots: number } {
  let shots = task.shots
  const fitting = async <T>(ask: (some: readonly Item[]) => Promise<T>): Promise<T> => {
    for (; ; shots--) {
      try {
        return await ask(examples.slice(0, shots))
      } catch (error) {
        if (!(error instanceof QuestionTooLongError)) throw error
        if (shots === 0) throw new TooLong(error.message, { cause: error })
      }
    }
  }
  const { maxTokens, stop, temperature, topP } = task
  return {
    get shots() {
      return shots
    },
    write: (item) =>
      fitting((some) => {
        const prompt = task.chat ? chatQuestion(item, task, some) : plainQuestion(item, task, some)
        return examinee.write({ prompt, maxTokens, stop, temperature, topP, seed }, signal)
      }),
    score: (item, continuations) =>
      fitting((some) => examinee.score(plainQuestion(item, { ...task, chat: false }, some), continuations, signal)),
    scoreAfter: (beginning, continuations) => fitting(() => examinee.score(beginning, continuations, signal)),
  }
}
