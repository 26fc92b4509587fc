/** What a kind of fact is that people tell and ask for later. */
import type { Context, Slots } from './skill.ts'
import { type Bilingual, type Wording, wording } from './wording.ts'

export interface Attribute {
  /** The slot that holds the value to be recalled. */
  key: string
  /** About the person who speaks. */
  personal: boolean
  /** People change it within a conversation. */
  changes: boolean
  slots(context: Context): Slots
  tell: Wording
  ask: Wording
  /** The fact addressed to the person, without a capital and a full stop. */
  echo: Bilingual<string[]>
}

type Texts = Bilingual<string[]>

export function attribute(
  key: string,
  slots: (context: Context) => Slots,
  tell: Texts,
  ask: Texts,
  echo: Texts,
  options: Partial<Attribute> = {},
): Attribute {
  return {
    key,
    personal: true,
    changes: true,
    slots,
    tell: wording(`memory.tell.${key}`, tell, { opens: false }),
    ask: wording(`memory.ask.${key}`, ask),
    echo,
    ...options,
  }
}
