import { classAt, NUMBER, runEnd, widthAt } from './character-class.ts'
import { TokenizerError } from './error.ts'
import { asObject, type Json, own } from './json.ts'
import { gpt2Pattern, type Splitter, splitGpt2, splitters } from './split.ts'

/** What cuts a text: one scanner, or scanners applied each to the pieces of the one before. */
export interface Pieces {
  splitters: Splitter[]
  prefixSpace: boolean
}

/** Reads the `pre_tokenizer` of a tokenizer.json: ByteLevel, alone or after Split and Digits in a Sequence. */
export function readPreTokenizer(value: unknown): Pieces {
  const root = asObject(value, 'pre_tokenizer')
  const parts = own(root, 'type') === 'Sequence' ? own(root, 'pretokenizers') : [root]
  if (!Array.isArray(parts) || parts.length === 0 || parts.length > 8) {
    throw new TokenizerError('pre_tokenizer.pretokenizers', 'must be a list of 1 to 8 components')
  }
  const pieces: Pieces = { splitters: [], prefixSpace: false }
  parts.forEach((part: unknown, i) => {
    const field = parts.length === 1 ? 'pre_tokenizer' : `pre_tokenizer.pretokenizers[${i}]`
    readComponent(asObject(part, field), field, i === parts.length - 1, pieces)
  })
  return pieces
}

function readComponent(part: Json, field: string, last: boolean, pieces: Pieces): void {
  const kind = own(part, 'type')
  if ((kind === 'ByteLevel') !== last) {
    throw new TokenizerError(field, `${String(kind)}: a byte-level tokenizer ends in ByteLevel and has it nowhere else`)
  }
  if (kind === 'Split') pieces.splitters.push(readSplit(part, field))
  else if (kind === 'Digits') pieces.splitters.push(own(part, 'individual_digits') === true ? eachDigit : digitRuns)
  else if (kind === 'ByteLevel') {
    if (own(part, 'use_regex') !== false) pieces.splitters.push(splitGpt2)
    pieces.prefixSpace = own(part, 'add_prefix_space') === true
    if (pieces.prefixSpace && pieces.splitters.length > 1) {
      throw new TokenizerError(`${field}.add_prefix_space`, 'is supported without other pre-tokenizers only')
    }
  } else throw new TokenizerError(field, `${String(kind)} is not supported`)
}

function readSplit(part: Json, field: string): Splitter {
  const pattern = own(asObject(own(part, 'pattern'), `${field}.pattern`), 'Regex')
  const splitter = typeof pattern === 'string' ? splitters.get(pattern) : undefined
  if (splitter === undefined) {
    const shown = String(JSON.stringify(pattern)).slice(0, 200)
    throw new TokenizerError(`${field}.pattern`, `${shown} is not one of the known patterns (GPT-2, Llama 3, Qwen2)`)
  }
  // These patterns match every character, so that isolating, removing the inverse and so on are all the same cut.
  const behavior = own(part, 'behavior') ?? 'Isolated'
  const invert = own(part, 'invert') === true
  if (!((behavior === 'Isolated' && !invert) || (behavior === 'Removed' && invert))) {
    throw new TokenizerError(`${field}.behavior`, `${String(behavior)} is not supported, only Isolated is`)
  }
  return splitter
}

const otherThanDigits = (text: string, start: number): number => {
  let end = start
  while (end < text.length && classAt(text, end) !== NUMBER) end += widthAt(text, end)
  return end
}

const digitRuns: Splitter = (text, start) =>
  classAt(text, start) === NUMBER ? runEnd(text, start, NUMBER) : otherThanDigits(text, start)

const eachDigit: Splitter = (text, start) =>
  classAt(text, start) === NUMBER ? start + widthAt(text, start) : otherThanDigits(text, start)

/** The component that Dotline's own tokenizers carry: a Split by the pattern, then bytes. */
export function splitComponent(pattern: string): object {
  const byteLevel = {
    type: 'ByteLevel',
    add_prefix_space: false,
    trim_offsets: true,
    use_regex: pattern === gpt2Pattern,
  }
  if (pattern === gpt2Pattern) return byteLevel
  const split = { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false }
  return { type: 'Sequence', pretokenizers: [split, byteLevel] }
}
