const apple = /mac|iphone|ipad/iu.test(navigator.userAgent)

/** Shortcuts as this keyboard writes them. */
export const paletteKeys = apple ? '⌘ K' : 'Ctrl K'
export const newChatKeys = apple ? '⇧ ⌘ O' : 'Ctrl ⇧ O'
