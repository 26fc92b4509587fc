import { memo, useMemo } from 'react'
import { useWords } from '../language/use-words.ts'
import { CopyButton } from '../shell/copy-button.tsx'
import { colour } from './colour.ts'

/** A block of code with its language and a button that copies it. */
export const CodeBlock = memo(function CodeBlock({ code, language }: { code: string; language: string }) {
  const words = useWords()
  const strokes = useMemo(() => colour(code, language), [code, language])
  return (
    <figure className="code">
      <figcaption>
        <span>{language || words.code}</span>
        <CopyButton text={code} />
      </figcaption>
      <pre tabIndex={0} dir="ltr">
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
