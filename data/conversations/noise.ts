/** The ways in which people type the same wording: case, punctuation, an opener, a slip of the fingers. Slots stay whole. */
import type { Random } from './random.ts'
import { type Language, openers } from './wording.ts'

const keptCapital = /^(I\b|Dotline|\$|[A-Z]{2})/

/** A wording as somebody may type it. */
export function typed(random: Random, language: Language, wording: string, opens: boolean): string {
  let text = wording
  if (opens && random.chance(0.15)) {
    const opener = random.pick(openers[language])
    const lower = language === 'en' && !/[.!] $/.test(opener) && !keptCapital.test(text)
    text = opener + (lower ? text[0].toLowerCase() + text.slice(1) : text)
  }
  return language === 'en' ? typedEnglish(random, text) : typedChinese(random, text)
}

function typedEnglish(random: Random, wording: string): string {
  let text = wording
  if (random.chance(0.16))
    text = text.replace(/\$[a-zA-Z]+|[^$]+/g, (part) => (part[0] === '$' ? part : part.toLowerCase()))
  if (random.chance(0.14)) text = text.replace(/[.?!]$/, '')
  else if (random.chance(0.05)) text = text.replace(/[.?]$/, (mark) => (mark === '.' ? '!' : '??'))
  if (random.chance(0.05)) text = text.replace(/(?<!\$[a-zA-Z]*)'/g, '')
  return random.chance(0.05) ? slip(random, text) : text
}

function typedChinese(random: Random, wording: string): string {
  let text = wording
  if (random.chance(0.16)) text = text.replace(/[。？！]$/, '')
  else if (random.chance(0.08)) text = text.replace(/？/g, '?').replace(/，/g, ',')
  else if (random.chance(0.04)) text = text.replace(/。$/, '！')
  return text
}

/** Two neighbouring letters of one longer word change places. */
function slip(random: Random, text: string): string {
  const words = [...text.matchAll(/(?<![$\w])[a-z]{5,}/g)]
  if (words.length === 0) return text
  const word = random.pick(words)
  const at = word.index + random.int(1, word[0].length - 3)
  return text.slice(0, at) + text[at + 1] + text[at] + text.slice(at + 2)
}
