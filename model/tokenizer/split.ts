/**
 * Pre-tokenization: where a text may be cut before byte pairs are merged. The published patterns are a short list, so
 * each is a hand-written scanner (several times faster than `\p{L}` in a JavaScript regular expression) and no regular
 * expression from a file is ever compiled: an unknown one is refused by name.
 */
import { classAt, LETTER, NEWLINE, NUMBER, OTHER, runEnd, SPACE, widthAt } from './character-class.ts'

/** Gives the end (in UTF-16 code units) of the piece that starts at `start`; always more than `start`. */
export type Splitter = (text: string, start: number) => number

/** Qwen2's pattern: digits one by one. Known to llama.cpp as `qwen2`. */
export const qwen2Pattern =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"

/** GPT-4's and Llama 3's pattern: up to three digits. Known to llama.cpp as `llama-bpe`. */
export const llama3Pattern = qwen2Pattern.replace('|\\p{N}|', '|\\p{N}{1,3}|')

/** GPT-2's pattern, which the ByteLevel pre-tokenizer uses by itself. Known to llama.cpp as `gpt-2`. */
export const gpt2Pattern = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"

const APOSTROPHE = 0x27
const BLANK = 0x20

export const splitQwen2: Splitter = (text, start) => splitLikeGpt4(text, start, 1)
export const splitLlama3: Splitter = (text, start) => splitLikeGpt4(text, start, 3)

/** The scanner of each known pattern. */
export const splitters: ReadonlyMap<string, Splitter> = new Map([
  [qwen2Pattern, splitQwen2],
  [llama3Pattern, splitLlama3],
  [gpt2Pattern, splitGpt2],
])

function splitLikeGpt4(text: string, start: number, maxDigits: number): number {
  const kind = classAt(text, start)
  if (kind === LETTER) return runEnd(text, start, LETTER)
  if (kind === NUMBER) return digitsEnd(text, start, maxDigits)
  const first = text.charCodeAt(start)
  if (first === APOSTROPHE) {
    const end = contractionEnd(text, start, 0x20)
    if (end > start) return end
  }
  const second = start + widthAt(text, start)
  const next = second < text.length ? classAt(text, second) : -1
  if (kind !== NEWLINE && next === LETTER) return runEnd(text, second, LETTER)
  if (kind === OTHER) return runEnd(text, runEnd(text, start, OTHER), NEWLINE)
  if (first === BLANK && next === OTHER) return runEnd(text, runEnd(text, second, OTHER), NEWLINE)
  return whiteSpaceEnd(text, start, true)
}

/** GPT-2's own scanner. */
export function splitGpt2(text: string, start: number): number {
  const first = text.charCodeAt(start)
  if (first === APOSTROPHE) {
    const end = contractionEnd(text, start, 0)
    if (end > start) return end
  }
  let kind = classAt(text, start)
  if (kind === SPACE || kind === NEWLINE) {
    if (first !== BLANK || start + 1 >= text.length) return whiteSpaceEnd(text, start, false)
    kind = classAt(text, start + 1)
    if (kind === SPACE || kind === NEWLINE) return whiteSpaceEnd(text, start, false)
    return runEnd(text, start + 1, kind)
  }
  return runEnd(text, start, kind)
}

function digitsEnd(text: string, start: number, maxDigits: number): number {
  let end = start
  for (let digits = 0; digits < maxDigits && end < text.length && classAt(text, end) === NUMBER; digits++) {
    end += widthAt(text, end)
  }
  return end
}

/** `'s 't 'm 'd 're 've 'll`; `fold` is 0x20 where capitals count as well. Gives `start` where there is none. */
function contractionEnd(text: string, start: number, fold: number): number {
  if (start + 1 >= text.length) return start
  const a = text.charCodeAt(start + 1) | fold
  if (a === 0x73 || a === 0x74 || a === 0x6d || a === 0x64) return start + 2
  if (start + 2 >= text.length) return start
  const b = text.charCodeAt(start + 2) | fold
  const known = (b === 0x65 && (a === 0x72 || a === 0x76)) || (a === 0x6c && b === 0x6c)
  return known ? start + 3 : start
}

/** `\s*[\r\n]+` (where `newlines`), then `\s+(?!\S)`, then `\s+`. */
function whiteSpaceEnd(text: string, start: number, newlines: boolean): number {
  let end = start
  let afterNewline = start
  while (end < text.length) {
    const kind = classAt(text, end)
    if (kind !== SPACE && kind !== NEWLINE) break
    end++
    if (kind === NEWLINE) afterNewline = end
  }
  if (newlines && afterNewline > start) return afterNewline
  if (end === text.length || end - start === 1) return end
  return end - 1
}
