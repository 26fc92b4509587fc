import type { CSSProperties } from 'react'
import { aloud } from '../conversation/sentences.ts'
import { useWords } from '../language/use-words.ts'
import { endOf, summaryOf } from '../message/summary.ts'
import type { Dot } from './dots.ts'

/** What a dot tells when it is pointed at: its first words, tokens, time and speed. `y`: of the dot, in the window. */
export function DotCard({ dot, y }: { dot: Dot; y: number }) {
  const words = useWords()
  const { message, version, versions } = dot
  const figures = message.role === 'assistant' && message.details ? message.details : null
  return (
    <div className="card" role="tooltip" style={{ '--y': `${y}px` } as CSSProperties}>
      <p>
        <b>{message.role === 'user' ? words.you : figures?.model || words.model}</b>
      </p>
      {versions > 1 && <p className="figures">{words.versionOf(version, versions)}</p>}
      <p className="start">{aloud(message.text.slice(0, 200)) || words.nothingYet}</p>
      {figures && message.state !== 'writing' && <p className="figures">{summaryOf(figures, words)}</p>}
      {figures && <p className="figures">{endOf(figures, message.state, words)}</p>}
    </div>
  )
}
