/** What a key press tells of itself. */
export interface Press {
  key: string
  shiftKey: boolean
  isComposing: boolean
  /** 229 while an input method composes; Safari tells it this way alone on the Enter that ends a word. */
  keyCode: number
}

/** True where Enter sends: not with Shift, and never while an input method composes a word. */
export function sendsMessage(press: Press): boolean {
  return press.key === 'Enter' && !press.shiftKey && !press.isComposing && press.keyCode !== 229
}
