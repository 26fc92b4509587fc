const allowed = new Set(['http:', 'https:', 'mailto:'])

export interface Address {
  href: string
  /** What a person is shown of where the link leads: the host (in ASCII, so that look-alikes are seen), or the mailbox. */
  place: string
}

/** The address of a link if a person may be led there: absolute http, https or mailto. All others are null. */
export function safeAddress(url: string): Address | null {
  const parsed = URL.parse(url)
  if (!parsed || !allowed.has(parsed.protocol)) return null
  if (parsed.protocol !== 'mailto:' && (parsed.username || parsed.password)) return null
  return { href: parsed.href, place: parsed.protocol === 'mailto:' ? parsed.pathname : parsed.host }
}
