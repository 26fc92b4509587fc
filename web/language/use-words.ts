import { createContext, useContext } from 'react'
import { english } from './english.ts'
import type { Words } from './words.ts'

export const WordsContext = createContext<Words>(english)

/** The words of the page in the language chosen. */
export const useWords = (): Words => useContext(WordsContext)
