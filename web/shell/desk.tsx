import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { Composer } from '../composer/composer.tsx'
import { useDraft } from '../composer/use-draft.ts'
import { lastSpeed } from '../conversation/speed.ts'
import type { TalkState } from '../conversation/talk.ts'
import { useTalk } from '../conversation/talk-context.ts'
import { shownPath } from '../conversation/tree.ts'
import { rate } from '../language/numbers.ts'
import { useWords } from '../language/use-words.ts'
import { isChanged } from '../settings/sampling.ts'
import { SettingsDialog } from '../settings/settings-dialog.tsx'
import { DataDialog } from '../shelf/data-dialog.tsx'
import { type Command, Palette } from '../shelf/palette.tsx'
import { useShelf, useShelfState } from '../shelf/shelf-context.ts'
import { Sidebar } from '../shelf/sidebar.tsx'
import { Undo } from '../shelf/undo.tsx'
import { Announcer } from './announcer.tsx'
import { Conversation } from './conversation.tsx'
import { Drawer } from './drawer.tsx'
import { Header } from './header.tsx'
import { HealthBanner } from './health-banner.tsx'
import { newChatKeys } from './keyboard.ts'
import type { Settings } from './settings.ts'
import { ShelfTrouble } from './shelf-trouble.tsx'
import type { Theme } from './theme.ts'
import { useHealth } from './use-health.ts'
import { useShortcuts } from './use-shortcuts.ts'
import { useTitle } from './use-title.ts'
import { useWide } from './use-wide.ts'

interface DeskProps {
  state: TalkState
  settings: Settings
  theme: Theme
  onTheme(): void
  onLanguage(): void
}

const focusComposer = () => document.getElementById('message')?.focus()

/** The list of conversations, the open one, and the field to write in. */
export function Desk({ state, settings, theme, onTheme, onLanguage }: DeskProps) {
  const talk = useTalk()
  const shelf = useShelf()
  const words = useWords()
  const wide = useWide()
  const { keeps, current, conversations, temporary, opening, failure, opened } = useShelfState()
  const conversation = useRef<{ follow(): void }>(null)
  const [editing, setEditing] = useState('')
  const [open, setOpen] = useState<'' | 'settings' | 'palette' | 'data' | 'drawer'>('')
  const { sampling, kept, model } = useSyncExternalStore(settings.listen, settings.read)
  const path = useMemo(() => shownPath(state.tree), [state.tree])
  const health = useHealth(settings, path.at(-1)?.failure ?? failure)
  const speed = lastSpeed(path)
  const keeping = keeps === 'yes'
  const [draft, setDraft] = useDraft(temporary ? 'temporary' : current, keeping && !temporary)
  useTitle(conversations.find(({ id }) => id === current)?.title || path[0]?.text || '', words.brand)
  useEffect(() => setEditing(''), [opened])
  useEffect(() => {
    // The server was away when the page came.
    if (health.state === 'ok' && keeps === 'unknown') void shelf.start(current)
  }, [health.state, keeps, shelf])

  const newChat = useCallback(() => {
    shelf.fresh()
    setEditing('')
    focusComposer()
  }, [shelf])
  const close = useCallback(() => setOpen(''), [])
  const openSettings = useCallback(() => setOpen('settings'), [])
  const openPalette = useCallback(() => setOpen('palette'), [])
  useShortcuts({
    onNewChat: newChat,
    onPalette: openPalette,
    onStop: useCallback(() => talk.stop(), [talk]),
  })
  const edit = useCallback((id: string) => {
    setEditing(id)
    if (!id) focusComposer()
  }, [])
  const send = (text: string, how: 'send' | 'steer' = 'send') => {
    talk[how](text)
    conversation.current?.follow()
  }
  const quote = useCallback(
    (text: string) => {
      const quoted = text
        .split('\n')
        .map((line) => `> ${line}`)
        .join('\n')
      setDraft(`${draft}${draft && !draft.endsWith('\n') ? '\n\n' : ''}${quoted}\n\n`)
      focusComposer()
    },
    [draft, setDraft],
  )
  const commands: Command[] = [
    { label: words.newChat, keys: newChatKeys, act: newChat },
    ...(keeping ? [{ label: words.shelf.temporaryOn, act: () => shelf.fresh({ temporary: true }) }] : []),
    { label: words.settings, act: openSettings },
    ...(keeping ? [{ label: words.data.title, act: () => setOpen('data') }] : []),
    ...(keeping ? [{ label: words.shelf.archived, act: () => void shelf.showArchived(true) }] : []),
    { label: words.palette.theme, act: onTheme },
    { label: words.otherLanguageLabel, act: onLanguage },
  ]
  const sidebar = <Sidebar onSearch={openPalette} onLeave={() => !wide && close()} onData={() => setOpen('data')} />

  return (
    <div className="desk" data-shelf={(keeping && wide) || undefined}>
      <a className="skip" href="#message">
        {words.skip}
      </a>
      {keeping && wide && <aside aria-label={words.shelf.label}>{sidebar}</aside>}
      <div className="sheet">
        <Header
          model={model}
          speed={speed === null ? '' : rate(speed, words.locale)}
          theme={theme}
          branded={!(keeping && wide)}
          settingsChanged={isChanged(sampling)}
          canClear={path.length > 0 || temporary}
          onNewChat={newChat}
          onList={keeping && !wide ? () => setOpen('drawer') : null}
          onSettings={openSettings}
          onLanguage={onLanguage}
          onTheme={onTheme}
        />
        <main>
          <Conversation
            key={opened}
            ref={conversation}
            state={state}
            path={path}
            editing={editing}
            modelName={model}
            onEdit={edit}
            onExample={send}
            onQuote={quote}
            onSettings={openSettings}
          />
          <HealthBanner health={health} />
          <ShelfTrouble opening={opening} failure={failure} onClose={() => shelf.calm()} />
          {!kept && <p className="aside kept">{words.notKept}</p>}
          {temporary && (
            <p className="aside kept">
              <b>{words.shelf.temporaryOn}.</b> {words.shelf.temporaryHelp}
            </p>
          )}
          <Composer
            writing={state.writing !== ''}
            draft={draft}
            onDraft={setDraft}
            queue={state.queue}
            onUnqueue={(at) => talk.unqueue(at)}
            onSend={send}
            onSteer={(text) => send(text, 'steer')}
            onStop={() => talk.stop()}
            onEditLast={() => setEditing(path.findLast((message) => message.role === 'user')?.id ?? '')}
          />
        </main>
      </div>
      <Undo />
      <Announcer message={path.at(-1)} />
      {open === 'drawer' && !wide && (
        <Drawer label={words.shelf.label} onClose={close}>
          {sidebar}
        </Drawer>
      )}
      {open === 'palette' && <Palette commands={commands} onClose={close} />}
      {open === 'data' && <DataDialog onClose={close} />}
      {open === 'settings' && (
        <SettingsDialog sampling={sampling} onChange={(next) => settings.note({ sampling: next })} onClose={close} />
      )}
    </div>
  )
}
