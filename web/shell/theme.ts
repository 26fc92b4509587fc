export type Theme = 'auto' | 'light' | 'dark'

export const themes: readonly Theme[] = ['auto', 'light', 'dark']

export const readTheme = (kept: string | null): Theme => (kept === 'light' || kept === 'dark' ? kept : 'auto')

/** The theme that follows this one when the button is pressed. */
export const nextTheme = (theme: Theme): Theme => themes[(themes.indexOf(theme) + 1) % themes.length]

/** Puts the theme on the page; `auto` leaves it to the system. */
export function showTheme(theme: Theme): void {
  if (theme === 'auto') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}
