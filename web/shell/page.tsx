import { useEffect, useSyncExternalStore } from 'react'
import type { Talk } from '../conversation/talk.ts'
import { TalkContext } from '../conversation/talk-context.ts'
import { WordsContext } from '../language/use-words.ts'
import { languages, pickLanguage } from '../language/words.ts'
import { Desk } from './desk.tsx'
import type { Settings } from './settings.ts'
import { nextTheme, readTheme, showTheme } from './theme.ts'
import { useChoice } from './use-choice.ts'

const readLanguage = (kept: string | null) => pickLanguage(kept, navigator.languages)

/** The page: its language and theme around the conversation. */
export function Page({ talk, settings }: { talk: Talk; settings: Settings }) {
  const [language, setLanguage] = useChoice('language', readLanguage)
  const [theme, setTheme] = useChoice('theme', readTheme)
  const state = useSyncExternalStore(talk.listen, talk.read)
  const words = languages[language]

  useEffect(() => showTheme(theme), [theme])
  useEffect(() => {
    document.documentElement.lang = words.locale
  }, [words])

  return (
    <WordsContext value={words}>
      <TalkContext value={talk}>
        <Desk
          state={state}
          settings={settings}
          theme={theme}
          onTheme={() => setTheme(nextTheme(theme))}
          onLanguage={() => setLanguage(language === 'en' ? 'zh' : 'en')}
        />
      </TalkContext>
    </WordsContext>
  )
}
