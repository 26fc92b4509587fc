import { join } from 'node:path'
import { Tokenizer } from '#model/tokenizer'
import { root } from './command.ts'

/** The folder of the model that this checkout ships. */
export const starterFolder = join(root, 'starter')

/** A logit bias under which no answer ends before `max_tokens`: every special token is barred. */
export async function endlessly(folder: string): Promise<Record<string, number>> {
  const { specialTokens } = await Tokenizer.open(folder)
  return Object.fromEntries([...specialTokens.values()].map((id) => [id, -100]))
}
