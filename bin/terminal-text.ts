/**
 * Text for a terminal: control characters that a model wrote become pictures of themselves, so that no model can move
 * the cursor, set the window's title or reach the clipboard. Line breaks and tabs stay.
 */
export const terminalText = (text: string): string =>
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, picture)

function picture(character: string): string {
  const code = character.charCodeAt(0)
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? '\u2421' : '\ufffd'
}

/** Writes text as it is into a file or pipe, and made safe onto a terminal. */
export const writeText = (text: string): void => {
  process.stdout.write(process.stdout.isTTY ? terminalText(text) : text)
}
