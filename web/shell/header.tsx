import { useWords } from '../language/use-words.ts'
import { AutoIcon, ListIcon, Mark, MoonIcon, PlusIcon, SlidersIcon, SunIcon } from './icons.tsx'
import { newChatKeys } from './keyboard.ts'
import type { Theme } from './theme.ts'

const themeIcons = { auto: AutoIcon, light: SunIcon, dark: MoonIcon }

interface HeaderProps {
  model: string
  speed: string
  theme: Theme
  /** False where the name stands beside it already. */
  branded: boolean
  settingsChanged: boolean
  canClear: boolean
  onNewChat(): void
  /** Shows the list of conversations; null where it is in sight, or there is none. */
  onList: (() => void) | null
  onSettings(): void
  onLanguage(): void
  onTheme(): void
}

export function Header(props: HeaderProps) {
  const words = useWords()
  const ThemeIcon = themeIcons[props.theme]
  return (
    <header className="top">
      {props.onList && (
        <button type="button" className="list" onClick={props.onList} aria-label={words.shelf.open}>
          <ListIcon />
        </button>
      )}
      <h1 className={props.branded ? undefined : 'unseen'}>
        <Mark />
        <span>{words.brand}</span>
      </h1>
      <p className="serving">
        <b>{props.model}</b> {props.speed && <span>{words.speed(props.speed)}</span>}
      </p>
      <div className="tools">
        {props.branded && (
          <button type="button" onClick={props.onNewChat} aria-label={words.newChat} disabled={!props.canClear}>
            <PlusIcon />
            <span className="wide">{words.newChat}</span>
            <kbd className="wide">{newChatKeys}</kbd>
          </button>
        )}
        <button type="button" onClick={props.onSettings} aria-label={words.settings}>
          <SlidersIcon />
          <span className="wide">{words.settings}</span>
          {props.settingsChanged && (
            <span className="changed" role="img" aria-label={words.sampling.changed} title={words.sampling.changed} />
          )}
        </button>
        <button type="button" onClick={props.onLanguage} aria-label={words.otherLanguageLabel}>
          {words.otherLanguage}
        </button>
        <button
          type="button"
          onClick={props.onTheme}
          aria-label={words.theme[props.theme]}
          title={words.theme[props.theme]}
        >
          <ThemeIcon />
        </button>
      </div>
    </header>
  )
}
