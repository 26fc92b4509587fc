import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { Composer } from '../composer/composer.tsx'
import { tokensPerSecond } from '../conversation/speed.ts'
import type { TalkState } from '../conversation/talk.ts'
import { useTalk } from '../conversation/talk-context.ts'
import { shownPath } from '../conversation/tree.ts'
import { rate } from '../language/numbers.ts'
import { useWords } from '../language/use-words.ts'
import { dotsOf } from '../line/dots.ts'
import { Line } from '../line/line.tsx'
import { Article } from '../message/article.tsx'
import { isChanged } from '../settings/sampling.ts'
import { SettingsDialog } from '../settings/settings-dialog.tsx'
import { Announcer } from './announcer.tsx'
import { Header } from './header.tsx'
import { HealthBanner } from './health-banner.tsx'
import { ArrowDownIcon } from './icons.tsx'
import { Intro } from './intro.tsx'
import type { Settings } from './settings.ts'
import type { Theme } from './theme.ts'
import { useFollowing } from './use-following.ts'
import { useHealth } from './use-health.ts'
import { useShortcuts } from './use-shortcuts.ts'

interface DeskProps {
  state: TalkState
  settings: Settings
  theme: Theme
  onTheme(): void
  onLanguage(): void
}

/** Head, conversation with its line of dots, and the field to write in. */
export function Desk({ state, settings, theme, onTheme, onLanguage }: DeskProps) {
  const talk = useTalk()
  const words = useWords()
  const scroller = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const [editing, setEditing] = useState('')
  const [adjusting, setAdjusting] = useState(false)
  const { sampling, kept, model } = useSyncExternalStore(settings.listen, settings.read)
  const { health, ask } = useHealth()
  const { following, follow, leave } = useFollowing(scroller, content, state.tree.chosen.root === undefined)
  const path = useMemo(() => shownPath(state.tree), [state.tree])
  const dots = useMemo(() => dotsOf(state.tree, path), [state.tree, path])
  const busy = state.writing !== ''
  const last = path.at(-1)

  useEffect(() => settings.note({ model: health.model }), [settings, health.model])
  useEffect(() => {
    if (last?.failure?.kind === 'offline') ask()
    // biome-ignore lint: asked once for each failure, not for each health
  }, [last?.failure])
  useEffect(() => {
    const first = path[0]?.text.trim().slice(0, 40)
    document.title = first ? `${first} · ${words.brand}` : words.brand
  }, [path, words])

  const newChat = useCallback(() => {
    talk.clear()
    setEditing('')
    document.getElementById('message')?.focus()
  }, [talk])
  useShortcuts({ onNewChat: newChat, onStop: useCallback(() => talk.stop(), [talk]) })

  const closeEdit = useCallback((id: string) => {
    setEditing(id)
    if (!id) document.getElementById('message')?.focus()
  }, [])
  const openSettings = useCallback(() => setAdjusting(true), [])

  const jump = (id: string) => {
    const article = content.current?.querySelector<HTMLElement>(`[data-message="${id}"]`)
    if (id !== last?.id) leave()
    article?.scrollIntoView({ block: 'start' })
    article?.focus({ preventScroll: true })
  }
  const send = (text: string) => {
    talk.send(text)
    follow()
  }
  const lastOfPerson = path.findLast((message) => message.role === 'user')

  return (
    <div className="desk">
      <a className="skip" href="#message">
        {words.skip}
      </a>
      <Header
        model={model}
        speed={lastSpeed(path, words.locale)}
        theme={theme}
        settingsChanged={isChanged(sampling)}
        canClear={path.length > 0}
        onNewChat={newChat}
        onSettings={openSettings}
        onLanguage={onLanguage}
        onTheme={onTheme}
      />
      <main>
        <div className="scroll" ref={scroller}>
          <div className="talk" ref={content} role="region" aria-label={words.talkLabel}>
            {path.length === 0 ? (
              <Intro canBringBack={state.aside !== null} onExample={send} onBringBack={() => talk.bringBack()} />
            ) : (
              <Line dots={dots} content={content} scroller={scroller} onJump={jump} />
            )}
            {dots.map(({ message, version, versions }) => (
              <Article
                key={message.id}
                message={message}
                version={version}
                versions={versions}
                busy={busy}
                editing={editing === message.id && !busy}
                modelName={model}
                onEdit={closeEdit}
                onSettings={openSettings}
              />
            ))}
          </div>
        </div>
        {!following && path.length > 0 && (
          <button type="button" className="latest" onClick={follow}>
            <ArrowDownIcon />
            {words.toLatest}
          </button>
        )}
        <HealthBanner health={health} />
        {!kept && <p className="aside kept">{words.notKept}</p>}
        <Composer
          writing={busy}
          onSend={send}
          onStop={() => talk.stop()}
          onEditLast={() => lastOfPerson && setEditing(lastOfPerson.id)}
        />
      </main>
      <Announcer message={last} />
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

/** The speed of the last answer that tells one. */
function lastSpeed(path: ReturnType<typeof shownPath>, locale: string): string {
  const details = path.findLast((message) => message.details && tokensPerSecond(message.details) !== null)?.details
  const speed = details ? tokensPerSecond(details) : null
  return speed === null ? '' : rate(speed, locale)
}
