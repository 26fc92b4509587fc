/** Short texts that carry facts, and the questions that those facts answer. */
import type { Document } from './document-kind.ts'
import { contact, meeting, scene } from './documents-people.ts'
import { order, shop } from './documents-trade.ts'
import type { Context, Slots } from './skill.ts'

export const documents: Document[] = [order, meeting, contact, scene, shop]

/** A document with its values filled in. */
export function drawDocument(context: Context): {
  document: Document
  slots: Slots
  text: { user: string; wording: string }
} {
  const document = context.random.pick(documents)
  const slots = document.slots(context)
  const wordingOfText = document.text.choose(context.random, context.language, context.heldout)
  return { document, slots, text: { user: context.fillText(wordingOfText, slots), wording: wordingOfText } }
}
