import { useSyncExternalStore } from 'react'

const wide = matchMedia('(min-width: 861px)')

const listen = (changed: () => void) => {
  wide.addEventListener('change', changed)
  return () => wide.removeEventListener('change', changed)
}

/** Whether the window is wide enough for the list of conversations beside the open one. */
export const useWide = (): boolean => useSyncExternalStore(listen, () => wide.matches)
