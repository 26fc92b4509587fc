import { mix, seededRandom } from '#data/shuffle'

/** Fill-in-the-middle training (Bavarian et al. 2022): a text is cut in three and its middle moved to the end. */
export interface FillInMiddle {
  /** Share of the spans that are transformed, 0 to 1. */
  rate: number
  /** Characters of a span; each should fit the model's context (default 512). */
  span?: number
}

/** A part of a text in reading order, or one that is cut in three. */
export type Span = { text: string } | { prefix: string; middle: string; suffix: string }

/**
 * Cuts a text into spans and chooses which of them become prefix, middle and suffix: at the context's scale, since a
 * middle that lies outside the window teaches nothing. The same seed gives the same cuts. Neighbouring plain spans stay
 * in one piece; no character is lost, and no surrogate pair is split.
 */
export function fillInMiddle(text: string, options: FillInMiddle, seed: number): Span[] {
  const { rate, span = 512 } = options
  if (!(rate >= 0 && rate <= 1)) throw new RangeError(`fill-in-the-middle rate must be from 0 to 1, got ${rate}`)
  if (!Number.isInteger(span) || span < 8)
    throw new RangeError(`fill-in-the-middle span must be at least 8, got ${span}`)
  if (rate === 0) return [{ text }]
  const random = seededRandom(mix(seed, 2))
  const spans: Span[] = []
  let plain = 0
  for (let start = 0; start < text.length; ) {
    const end = spanEnd(text, start, span)
    if (end - start >= 8 && random() < rate) {
      if (plain < start) spans.push({ text: text.slice(plain, start) })
      spans.push(cutInThree(text.slice(start, end), random))
      plain = end
    }
    start = end
  }
  if (plain < text.length) spans.push({ text: text.slice(plain) })
  return spans
}

/** Where a span ends: at the last line's end in its second half, or after `span` characters. */
function spanEnd(text: string, start: number, span: number): number {
  if (text.length - start <= span) return text.length
  const line = text.lastIndexOf('\n', start + span - 1)
  return line >= start + span / 2 ? line + 1 : whole(text, start + span)
}

/** Moves a cut before the second half of a surrogate pair. */
function whole(text: string, at: number): number {
  const unit = text.charCodeAt(at)
  return unit >= 0xdc00 && unit <= 0xdfff && at > 0 ? at - 1 : at
}

function cutInThree(text: string, random: () => number): Span {
  const one = whole(text, Math.floor(random() * (text.length + 1)))
  const other = whole(text, Math.floor(random() * (text.length + 1)))
  const from = Math.min(one, other)
  const to = Math.max(one, other)
  return { prefix: text.slice(0, from), middle: text.slice(from, to), suffix: text.slice(to) }
}
