/** Which hosts this server answers to, and which browser pages may call it. Pure decisions over header values. */

/** `[::1]:8787` → `::1`, `Localhost:80` → `localhost`; null where the header is not a host and an optional port. */
export function hostName(header: string): string | null {
  const match = /^(?:\[([0-9a-f:.]{2,45})\]|([a-z0-9._-]{1,253}))(?::\d{1,5})?$/i.exec(header)
  if (match === null) return null
  const name = (match[1] ?? match[2]).toLowerCase()
  return name.length > 1 && name.endsWith('.') ? name.slice(0, -1) : name
}

/** True for names and addresses that only this machine reaches: localhost, 127.0.0.0/8 and ::1. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true
  const parts = host.split('.')
  return parts.length === 4 && parts[0] === '127' && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)
}

/**
 * Guards against DNS rebinding: a page of another site that resolves its own name to this machine still sends that name.
 * `allowed` holds the configured names beside the loopback ones.
 */
export function hostAllowed(header: string | undefined, allowed: readonly string[]): boolean {
  const name = header === undefined ? null : hostName(header)
  return name !== null && (isLoopback(name) || allowed.includes(name))
}

export interface BrowserHeaders {
  host: string | undefined
  origin: string | undefined
  secFetchSite: string | undefined
}

/**
 * Guards against cross-site requests: programs send neither header and pass; a browser's request passes only from a page
 * that this server served (same scheme-less origin as the Host header) or from the user directly.
 */
export function originAllowed(headers: BrowserHeaders): boolean {
  const { host, origin, secFetchSite } = headers
  if (secFetchSite !== undefined && secFetchSite !== 'same-origin' && secFetchSite !== 'none') return false
  if (origin === undefined) return true
  const match = /^https?:\/\/([^/]+)$/.exec(origin)
  return match !== null && host !== undefined && match[1].toLowerCase() === host.toLowerCase()
}

/**
 * Guards what a cookie alone vouches for: a browser sends it by itself, so that a request which changes something must
 * prove that a page of this server sent it. Every browser that is kept sends one of the two headers.
 */
export function sentByOwnPage(headers: BrowserHeaders): boolean {
  if (!originAllowed(headers)) return false
  return headers.secFetchSite === 'same-origin' || headers.origin !== undefined
}
