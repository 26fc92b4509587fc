import { z } from 'zod'
import type { Item } from '../item.ts'
import { records, type Source, subjectOf } from './file.ts'

const schema = z.looseObject({ text: z.string() })

/**
 * Running text for bits per byte: plain, or JSONL with a field `text`. It is cut into windows of about `window`
 * characters, at line breaks where there are any.
 */
export function readText(source: Source): Item[] {
  const { text, window = 600 } = source
  const documents = /^\s*\{/.test(text) ? records(source, schema).map(({ value }) => value.text) : [text]
  const group = subjectOf(source)
  return documents.flatMap((document, d) =>
    cut(document, window).map((question, w) => ({ id: `${d + 1}.${w + 1}`, question, group })),
  )
}

function cut(text: string, window: number): string[] {
  const parts: string[] = []
  for (let from = 0; from < text.length; ) {
    let to = Math.min(text.length, from + window)
    if (to < text.length) {
      const line = text.lastIndexOf('\n', to)
      if (line > from + window / 2) to = line + 1
      // Never between the two halves of a character.
      else if (/[\udc00-\udfff]/.test(text[to])) to--
    }
    const part = text.slice(from, to).trim()
    // A few characters say nothing of a model.
    if ([...part].length >= 16) parts.push(part)
    from = to
  }
  return parts
}
