import { chinese } from './chinese.ts'
import { english, type Words } from './english.ts'

export type Language = 'en' | 'zh'

export const languages: Record<Language, Words> = { en: english, zh: chinese }

/** The language that was chosen earlier, else the first of the browser's that the page speaks, else English. */
export function pickLanguage(kept: string | null, preferred: readonly string[]): Language {
  if (kept === 'en' || kept === 'zh') return kept
  const known = preferred.map((tag) => tag.toLowerCase().split('-')[0]).find((tag) => tag === 'en' || tag === 'zh')
  return known === 'zh' ? 'zh' : 'en'
}
