import { useEffect, useSyncExternalStore } from 'react'
import { TalkContext } from '../conversation/talk-context.ts'
import { WordsContext } from '../language/use-words.ts'
import { languages, pickLanguage } from '../language/words.ts'
import type { Shelf } from '../shelf/shelf.ts'
import { ShelfContext } from '../shelf/shelf-context.ts'
import { Desk } from './desk.tsx'
import type { Settings } from './settings.ts'
import { nextTheme, readTheme, showTheme } from './theme.ts'
import { useChoice } from './use-choice.ts'

const readLanguage = (kept: string | null) => pickLanguage(kept, navigator.languages)

/** The page: its language and theme around the conversation. */
export function Page({ shelf, settings }: { shelf: Shelf; settings: Settings }) {
  const [language, setLanguage] = useChoice('language', readLanguage)
  const [theme, setTheme] = useChoice('theme', readTheme)
  const { talk } = useSyncExternalStore(shelf.listen, shelf.read)
  const state = useSyncExternalStore(talk.listen, talk.read)
  const words = languages[language]

  useEffect(() => showTheme(theme), [theme])
  useEffect(() => {
    document.documentElement.lang = words.locale
  }, [words])

  return (
    <WordsContext value={words}>
      <ShelfContext value={shelf}>
        <TalkContext value={talk}>
          <Desk
            state={state}
            settings={settings}
            theme={theme}
            onTheme={() => setTheme(nextTheme(theme))}
            onLanguage={() => setLanguage(language === 'en' ? 'zh' : 'en')}
          />
        </TalkContext>
      </ShelfContext>
    </WordsContext>
  )
}
