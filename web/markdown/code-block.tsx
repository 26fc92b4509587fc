import { memo, useMemo, useState, useSyncExternalStore } from 'react'
import { useWords } from '../language/use-words.ts'
import { CopyButton } from '../shell/copy-button.tsx'
import { save } from '../shell/download.ts'
import type { Stroke } from './highlight.ts'
import { onDemand } from './on-demand.ts'

/** Longer code stays in one ink: a grammar's time grows with it. */
const longest = 50_000

const highlighter = onDemand(() => import('./highlight.ts').then(({ highlight }) => highlight))

/** A block of code with its language and a button that copies it. */
export const CodeBlock = memo(function CodeBlock({ code, language }: { code: string; language: string }) {
  const words = useWords()
  const [wrap, setWrap] = useState(false)
  const highlight = useSyncExternalStore(highlighter.listen, highlighter.current)
  const strokes = useMemo((): Stroke[] => {
    if (!highlight || !language || code.length > longest) return [{ ink: 'plain', text: code }]
    return highlight(code, language)
  }, [highlight, code, language])
  return (
    <figure className="code">
      <figcaption>
        <span>{language || words.code}</span>
        <button type="button" className="quiet" aria-pressed={wrap} onClick={() => setWrap(!wrap)}>
          {wrap ? words.unwrap : words.wrap}
        </button>
        <button type="button" className="quiet" onClick={() => save(fileName(language), new Blob([code]))}>
          {words.download}
        </button>
        <CopyButton text={code} />
      </figcaption>
      <pre tabIndex={0} dir="ltr" data-wrap={wrap || undefined}>
        <code>
          {strokes.map((stroke, index) =>
            stroke.ink === 'plain' ? (
              stroke.text
            ) : (
              <span key={index} className={`ink-${stroke.ink}`}>
                {stroke.text}
              </span>
            ),
          )}
        </code>
      </pre>
    </figure>
  )
})

const endings: Record<string, string> = {
  python: 'py',
  javascript: 'js',
  typescript: 'ts',
  rust: 'rs',
  ruby: 'rb',
  shell: 'sh',
  bash: 'sh',
  markdown: 'md',
  kotlin: 'kt',
  csharp: 'cs',
}

/** A name for the file, of nothing that a model wrote but a short ending. */
const fileName = (language: string): string => {
  const name = language.toLowerCase()
  return `code.${endings[name] ?? (/^[a-z0-9]{1,8}$/u.test(name) ? name : 'txt')}`
}
