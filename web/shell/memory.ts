/**
 * What the page keeps in the browser. Choices are kept for good; the conversation and a half-written message only as
 * long as the tab, so that a refresh loses nothing and a closed tab leaves nothing behind.
 */
export const memory = {
  choice: (name: string): string | null => read(() => localStorage, name),
  setChoice: (name: string, value: string): boolean => write(() => localStorage, name, value),
  draft: (name: string): string | null => read(() => sessionStorage, name),
  setDraft: (name: string, value: string): boolean => write(() => sessionStorage, name, value),
}

/** Storage can be switched off or full: then the page works, and says so where it matters. */
function read(storage: () => Storage, name: string): string | null {
  try {
    return storage().getItem(`dotline.${name}`)
  } catch {
    return null
  }
}

function write(storage: () => Storage, name: string, value: string): boolean {
  try {
    storage().setItem(`dotline.${name}`, value)
    return true
  } catch {
    return false
  }
}
