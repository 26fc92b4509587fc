import type { BrowserContext } from 'playwright-core'

/** What must not happen on the page, whatever a model writes. */
export interface Trouble {
  dialogs: string[]
  /** Requests for anything but our own server. */
  outside: string[]
  /** Exceptions and messages of the console, the content policy's among them. */
  errors: string[]
}

export function collectTrouble(context: BrowserContext, ours: string): Trouble {
  const trouble: Trouble = { dialogs: [], outside: [], errors: [] }
  context.on('dialog', (dialog) => {
    trouble.dialogs.push(dialog.message())
    void dialog.dismiss()
  })
  context.on('request', (request) => {
    if (!request.url().startsWith(`${ours}/`)) trouble.outside.push(request.url())
  })
  context.on('weberror', (error) => trouble.errors.push(String(error.error())))
  context.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') trouble.errors.push(message.text())
  })
  return trouble
}
