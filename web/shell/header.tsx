import { useWords } from '../language/use-words.ts'
import { AutoIcon, Mark, MoonIcon, PlusIcon, SlidersIcon, SunIcon } from './icons.tsx'
import type { Theme } from './theme.ts'

const themeIcons = { auto: AutoIcon, light: SunIcon, dark: MoonIcon }

/** `Ctrl K` or `⌘ K`, as this keyboard writes it. */
const newChatKeys = /mac|iphone|ipad/iu.test(navigator.userAgent) ? '⌘ K' : 'Ctrl K'

interface HeaderProps {
  model: string
  speed: string
  theme: Theme
  settingsChanged: boolean
  canClear: boolean
  onNewChat(): void
  onSettings(): void
  onLanguage(): void
  onTheme(): void
}

export function Header(props: HeaderProps) {
  const words = useWords()
  const ThemeIcon = themeIcons[props.theme]
  return (
    <header className="top">
      <h1>
        <Mark />
        <span>{words.brand}</span>
      </h1>
      <p className="serving">
        <b>{props.model}</b> {props.speed && <span>{words.speed(props.speed)}</span>}
      </p>
      <div className="tools">
        <button type="button" onClick={props.onNewChat} aria-label={words.newChat} disabled={!props.canClear}>
          <PlusIcon />
          <span className="wide">{words.newChat}</span>
          <kbd className="wide">{newChatKeys}</kbd>
        </button>
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
