import type { Link, LinkReference } from 'mdast'
import type { ReactNode } from 'react'
import { useWords } from '../language/use-words.ts'
import { safeAddress } from './address.ts'
import type { Frame } from './frame.ts'
import { plain } from './plain.ts'

/** A link: followed by a click only, tells its host, gives none of our address away. An unsafe one is its words. */
export function Reference({ url, node, frame }: { url: string; node: Link | LinkReference; frame: Frame }) {
  const children = frame.show(node, frame)
  const address = safeAddress(url)
  if (!address) return <span>{children}</span>
  return (
    <>
      <Outward href={address.href}>{children}</Outward>
      {plain(node).includes(address.place) ? null : <bdi className="place"> ({address.place})</bdi>}
    </>
  )
}

/** A picture is never fetched: its address could tell others what was said. It is shown as a link with a label. */
export function Picture({ url, alt }: { url: string; alt: string }) {
  const words = useWords()
  const address = safeAddress(url)
  const label = `${words.imageNotLoaded}${alt ? `: ${alt}` : ''}`
  if (!address) return <span className="picture">{label}</span>
  return (
    <span className="picture">
      <Outward href={address.href}>{label}</Outward> <bdi className="place">({address.place})</bdi>
    </span>
  )
}

function Outward({ href, children }: { href: string; children: ReactNode }) {
  return (
    <a href={href} target="_blank" rel="noreferrer noopener nofollow">
      {children}
    </a>
  )
}
