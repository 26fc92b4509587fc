import type { ChatMessage, Document } from '#data/document'

/** What cleaning takes out of a text; see also `#data/duplicates`. */

// Control characters but tab and line feed, the byte order mark, and Unicode's non-characters.
const unwanted = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufeff\ufdd0-\ufdef\ufffe\uffff]/g

/**
 * Text in NFC with line feeds only: CR LF, CR and U+2028/2029 become line feeds, control characters and byte order marks
 * go, lone surrogates become U+FFFD. Nothing else changes, so that code and verse keep their shape.
 */
export function cleanText(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
    .replace(unwanted, '')
    .normalize('NFC')
}

/** Cleans each part of a document. Returns undefined where nothing is left to learn from. */
export function cleanDocument(document: Document): Document | undefined {
  const { text, messages, preference } = document
  const clean = (parts: ChatMessage[]) => parts.map((part) => ({ ...part, content: cleanText(part.content) }))
  if (text !== undefined) {
    const cleaned = cleanText(text)
    return cleaned.trim() === '' ? undefined : { ...document, text: cleaned }
  }
  if (messages) {
    const cleaned = clean(messages)
    const answered = cleaned.some(({ role, content }) => role === 'assistant' && content.trim() !== '')
    return answered ? { ...document, messages: cleaned } : undefined
  }
  if (!preference) return undefined
  const ranked = preference.ranked.map(clean)
  return { ...document, preference: { ...preference, prompt: clean(preference.prompt), ranked } }
}
