/** Everything that the command line says to a person, in both languages. What it says to programs has one language. */
import { chinese } from './catalogue/chinese.ts'
import { type Catalogue, english } from './catalogue/english.ts'
import { type Language, languageOf } from './language.ts'

const catalogues: Record<Language, Catalogue> = { en: english, zh: chinese }
let chosen: Language | null = null

/** Speaks this language from now on, whatever the terminal's is. */
export function speak(language: Language): void {
  chosen = language
}

export type Texts = Catalogue

/** The texts in the language of `--lang`, or else of the terminal. */
export const texts = (): Catalogue => catalogues[chosen ?? languageOf(process.env)]
