/** Token ids of two texts. */
export interface TextPair {
  query: ArrayLike<number>
  target: ArrayLike<number>
}

export interface PairShape {
  /** Most tokens of a text, and fewest. */
  sequence: number
  shortest: number
  /** How often each kind of pair is made, relative to the others. */
  neighbours: number
  crops: number
  headings: number
  /** Share of the tokens that are left out, so that no single word decides. */
  dropout: number
  /** Whether a token ends a line. */
  breaks: (id: number) => boolean
}

type Ids = Uint16Array | Uint32Array

/** A heading has so many tokens. */
const heading = { shortest: 3, longest: 48 }

/** A pair around the place `at` of a document. */
export function cutPair(document: Ids, at: number, shape: PairShape, random: () => number): TextPair {
  const { shortest, neighbours, crops, headings } = shape
  const middle = Math.min(Math.max(at, shortest), document.length - shortest)
  const drawn = random() * (neighbours + crops + headings)
  const made =
    (drawn < headings ? headed(document, middle, shape, random) : null) ??
    (drawn < headings + crops ? cropped(document, middle, shape, random) : besides(document, middle, shape, random))
  return { query: thinned(made.query, shape, random), target: thinned(made.target, shape, random) }
}

/** Evenly on a scale of ratios: questions are short, passages long. */
function lengthOf({ shortest, sequence }: PairShape, random: () => number): number {
  return Math.min(sequence, Math.floor(shortest * (sequence / shortest) ** random() + 0.5))
}

function besides(document: Ids, middle: number, shape: PairShape, random: () => number) {
  const query = document.subarray(Math.max(0, middle - lengthOf(shape, random)), middle)
  return { query, target: document.subarray(middle, middle + lengthOf(shape, random)) }
}

function cropped(document: Ids, middle: number, shape: PairShape, random: () => number) {
  const from = Math.max(0, middle - shape.sequence)
  const around = document.subarray(from, middle + shape.sequence)
  const crop = () => {
    const length = Math.min(lengthOf(shape, random), around.length)
    const start = Math.floor(random() * (around.length - length + 1))
    return around.subarray(start, start + length)
  }
  return { query: crop(), target: crop() }
}

/** The document's first line with what stands at the place, or a short line behind it with what stands under that. */
function headed(document: Ids, middle: number, shape: PairShape, random: () => number) {
  const first = random() < 0.5
  const line = lineFrom(document, first ? 0 : middle, shape)
  if (line === null) return null
  const [start, end] = line
  const under = first ? Math.max(end, middle) : end
  const target = document.subarray(under, under + lengthOf(shape, random))
  return target.length < shape.shortest ? null : { query: document.subarray(start, end), target }
}

/** The first line of a heading's length that starts at `from` or behind it, not much further on. */
function lineFrom(document: Ids, from: number, { sequence, breaks }: PairShape): [start: number, end: number] | null {
  let start = from === 0 ? 0 : -1
  for (let at = from; at < Math.min(document.length, from + sequence); at++) {
    if (!breaks(document[at])) continue
    const length = at + 1 - start
    if (start >= 0 && length >= heading.shortest && length <= heading.longest) return [start, at + 1]
    start = at + 1
  }
  return null
}

function thinned(ids: Ids, { dropout }: PairShape, random: () => number): ArrayLike<number> {
  if (dropout === 0) return ids
  const kept = Array.from(ids).filter(() => random() >= dropout)
  return kept.length === 0 ? ids : kept
}
