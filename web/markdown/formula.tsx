import { useLayoutEffect, useRef, useState, useSyncExternalStore } from 'react'
import { onDemand } from './on-demand.ts'

/** Longer ones are shown as they were written: KaTeX's time grows with them. */
const longest = 5000

const katex = onDemand(() => import('./katex.ts').then(({ draw }) => draw))

/** A formula in TeX. It stands as it was written until KaTeX is loaded, and where KaTeX cannot read it. */
export function Formula({ tex, wide }: { tex: string; wide: boolean }) {
  const draw = useSyncExternalStore(katex.listen, katex.current)
  const place = useRef<HTMLSpanElement>(null)
  const [drawn, setDrawn] = useState(false)
  useLayoutEffect(() => {
    if (!place.current || !draw || tex.length > longest) return
    setDrawn(draw(tex, place.current, wide))
  }, [draw, tex, wide])
  return (
    <span className={wide ? 'formula wide' : 'formula'} dir="ltr" tabIndex={wide ? 0 : undefined}>
      <span ref={place} hidden={!drawn} />
      {!drawn && <code>{tex.trim()}</code>}
    </span>
  )
}
