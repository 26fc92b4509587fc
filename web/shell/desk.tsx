import { useCallback, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { Composer } from '../composer/composer.tsx'
import { lastSpeed } from '../conversation/speed.ts'
import type { TalkState } from '../conversation/talk.ts'
import { useTalk } from '../conversation/talk-context.ts'
import { shownPath } from '../conversation/tree.ts'
import { rate } from '../language/numbers.ts'
import { useWords } from '../language/use-words.ts'
import { isChanged } from '../settings/sampling.ts'
import { SettingsDialog } from '../settings/settings-dialog.tsx'
import { Announcer } from './announcer.tsx'
import { Conversation } from './conversation.tsx'
import { Header } from './header.tsx'
import { HealthBanner } from './health-banner.tsx'
import type { Settings } from './settings.ts'
import type { Theme } from './theme.ts'
import { useHealth } from './use-health.ts'
import { useShortcuts } from './use-shortcuts.ts'
import { useTitle } from './use-title.ts'

interface DeskProps {
  state: TalkState
  settings: Settings
  theme: Theme
  onTheme(): void
  onLanguage(): void
}

const focusComposer = () => document.getElementById('message')?.focus()

/** Head, conversation, and the field to write in. */
export function Desk({ state, settings, theme, onTheme, onLanguage }: DeskProps) {
  const talk = useTalk()
  const words = useWords()
  const conversation = useRef<{ follow(): void }>(null)
  const [editing, setEditing] = useState('')
  const [adjusting, setAdjusting] = useState(false)
  const { sampling, kept, model } = useSyncExternalStore(settings.listen, settings.read)
  const path = useMemo(() => shownPath(state.tree), [state.tree])
  const health = useHealth(settings, path.at(-1)?.failure ?? null)
  const speed = lastSpeed(path)
  useTitle(path[0]?.text ?? '', words.brand)

  const newChat = useCallback(() => {
    talk.clear()
    setEditing('')
    focusComposer()
  }, [talk])
  useShortcuts({ onNewChat: newChat, onStop: useCallback(() => talk.stop(), [talk]) })

  const edit = useCallback((id: string) => {
    setEditing(id)
    if (!id) focusComposer()
  }, [])
  const openSettings = useCallback(() => setAdjusting(true), [])
  const send = (text: string) => {
    talk.send(text)
    conversation.current?.follow()
  }

  return (
    <div className="desk">
      <a className="skip" href="#message">
        {words.skip}
      </a>
      <Header
        model={model}
        speed={speed === null ? '' : rate(speed, words.locale)}
        theme={theme}
        settingsChanged={isChanged(sampling)}
        canClear={path.length > 0}
        onNewChat={newChat}
        onSettings={openSettings}
        onLanguage={onLanguage}
        onTheme={onTheme}
      />
      <main>
        <Conversation
          ref={conversation}
          state={state}
          path={path}
          editing={editing}
          modelName={model}
          onEdit={edit}
          onExample={send}
          onSettings={openSettings}
        />
        <HealthBanner health={health} />
        {!kept && <p className="aside kept">{words.notKept}</p>}
        <Composer
          writing={state.writing !== ''}
          onSend={send}
          onStop={() => talk.stop()}
          onEditLast={() => setEditing(path.findLast((message) => message.role === 'user')?.id ?? '')}
        />
      </main>
      <Announcer message={path.at(-1)} />
      {adjusting && (
        <SettingsDialog
          sampling={sampling}
          onChange={(next) => settings.note({ sampling: next })}
          onClose={() => setAdjusting(false)}
        />
      )}
    </div>
  )
}
