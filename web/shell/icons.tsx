import type { ReactNode } from 'react'

function Icon({ children }: { children: ReactNode }) {
  return (
    <svg className="icon" viewBox="0 0 20 20" width="18" height="18" aria-hidden="true" focusable="false">
      {children}
    </svg>
  )
}

/** Three dots joined by a line. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 26 18" width="28" height="20" aria-hidden="true" focusable="false">
      <path d="M4 13 12 5 22 9" />
      <circle cx="4" cy="13" r="2.7" className="full" />
      <circle cx="12" cy="5" r="2.7" />
      <circle cx="22" cy="9" r="2.7" className="full" />
    </svg>
  )
}

export const PlusIcon = () => (
  <Icon>
    <path d="M10 4v12M4 10h12" />
  </Icon>
)

export const SlidersIcon = () => (
  <Icon>
    <path d="M3 6.5h7M15 6.5h2M3 13.5h2M10 13.5h7" />
    <circle cx="12.5" cy="6.5" r="2.2" />
    <circle cx="7.5" cy="13.5" r="2.2" />
  </Icon>
)

export const AutoIcon = () => (
  <Icon>
    <circle cx="10" cy="10" r="6" />
    <path d="M10 4a6 6 0 0 1 0 12z" className="full" />
  </Icon>
)

export const SunIcon = () => (
  <Icon>
    <circle cx="10" cy="10" r="3.2" />
    <path d="M10 2.5v2M10 15.500v2M2.5 10h2M15.5 10h2M4.7 4.700l1.4 1.400M13.9 13.900l1.4 1.400M15.3 4.700l-1.4 1.400M6.1 13.900l-1.4 1.4" />
  </Icon>
)

export const MoonIcon = () => (
  <Icon>
    <path d="M16 11.500A6.5 6.5 0 0 1 8.5 4a6.5 6.5 0 1 0 7.5 7.500z" />
  </Icon>
)

export const ArrowUpIcon = () => (
  <Icon>
    <path d="M10 16V4M5 9l5-5 5 5" />
  </Icon>
)

export const ArrowDownIcon = () => (
  <Icon>
    <path d="M10 4v12M5 11l5 5 5-5" />
  </Icon>
)

export const StopIcon = () => (
  <Icon>
    <rect x="5.5" y="5.5" width="9" height="9" rx="1.5" className="full" />
  </Icon>
)

export const SearchIcon = () => (
  <Icon>
    <circle cx="9" cy="9" r="5" />
    <path d="m13 13 4 4" />
  </Icon>
)

export const ListIcon = () => (
  <Icon>
    <rect x="3" y="4" width="14" height="12" rx="2" />
    <path d="M8 4v12" />
  </Icon>
)

export const TemporaryIcon = () => (
  <Icon>
    <circle cx="10" cy="10" r="6.5" strokeDasharray="2.6 2.5" />
  </Icon>
)

export const DotsIcon = () => (
  <Icon>
    <circle cx="5" cy="10" r="1.1" className="full" />
    <circle cx="10" cy="10" r="1.1" className="full" />
    <circle cx="15" cy="10" r="1.1" className="full" />
  </Icon>
)

export const PinIcon = () => (
  <Icon>
    <path d="M7 3.500h6l-.8 5 2.300 2.500h-9L7.800 8.500zM10 11v5.500" />
  </Icon>
)

export const UpThumbIcon = () => (
  <Icon>
    <path d="M6.500 9.500 10 3.500c1.300 0 1.900 1 1.600 2.200L11 8.500h4.200c1 0 1.600.9 1.300 1.800l-1.500 5c-.2.7-.8 1.200-1.500 1.200h-7zM3.500 9.500h3v7h-3z" />
  </Icon>
)

export const DownThumbIcon = () => (
  <Icon>
    <path d="M13.500 10.500 10 16.500c-1.300 0-1.900-1-1.600-2.200l.6-2.800H4.800c-1 0-1.600-.9-1.300-1.800l1.500-5c.2-.7.8-1.200 1.500-1.200h7zM16.500 10.500h-3v-7h3z" />
  </Icon>
)

export const XIcon = () => (
  <Icon>
    <path d="m5.500 5.500 9 9M14.500 5.500l-9 9" />
  </Icon>
)
