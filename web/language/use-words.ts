import { createContext, useContext } from 'react'
import { english, type Words } from './english.ts'

export const WordsContext = createContext<Words>(english)

/** The words of the page in the language chosen. */
export const useWords = (): Words => useContext(WordsContext)
