import type { FootnoteDefinition } from 'mdast'
import { useWords } from '../language/use-words.ts'
import type { Frame } from './frame.ts'

const anchorOf = (frame: Frame, identifier: string) => `${frame.anchor}-note-${frame.footnotes.indexOf(identifier) + 1}`

export function FootnoteMark({ identifier, frame }: { identifier: string; frame: Frame }) {
  const number = frame.footnotes.indexOf(identifier) + 1
  if (number === 0) return null
  return (
    <sup>
      <a href={`#${anchorOf(frame, identifier)}`}>{number}</a>
    </sup>
  )
}

/** The footnotes below a text, in the order of their numbers. */
export function Footnotes({ notes, frame }: { notes: FootnoteDefinition[]; frame: Frame }) {
  const words = useWords()
  if (notes.length === 0) return null
  return (
    <section className="footnotes" aria-label={words.footnotes}>
      <ol>
        {notes.map((note) => (
          <li key={note.identifier} id={anchorOf(frame, note.identifier)}>
            {frame.show(note, frame)}
          </li>
        ))}
      </ol>
    </section>
  )
}
