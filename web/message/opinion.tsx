import { useState } from 'react'
import { feedbackReasons } from '#wire/opinions'
import type { Message } from '../conversation/tree.ts'
import { useWords } from '../language/use-words.ts'
import { useShelf, useShelfState } from '../shelf/shelf-context.ts'
import { DownThumbIcon, UpThumbIcon } from '../shell/icons.tsx'

/** Thumbs up and down; a thumb down asks why, and for a better answer. */
export function Opinion({ message }: { message: Message }) {
  const shelf = useShelf()
  const words = useWords()
  const { opinions } = useShelfState()
  const [asking, setAsking] = useState(false)
  const rating = opinions[message.id] ?? null
  const press = (next: 1 | -1) => {
    setAsking(next === -1 && rating !== -1)
    void shelf.judge(message.id, rating === next ? null : next)
  }
  return (
    <>
      <button
        type="button"
        className="quiet thumb"
        aria-pressed={rating === 1}
        aria-label={words.good}
        title={words.good}
        onClick={() => press(1)}
      >
        <UpThumbIcon />
      </button>
      <button
        type="button"
        className="quiet thumb"
        aria-pressed={rating === -1}
        aria-label={words.bad}
        title={words.bad}
        onClick={() => press(-1)}
      >
        <DownThumbIcon />
      </button>
      {asking && <Reasons message={message} onClose={() => setAsking(false)} />}
    </>
  )
}

function Reasons({ message, onClose }: { message: Message; onClose(): void }) {
  const shelf = useShelf()
  const words = useWords()
  const [reasons, setReasons] = useState<readonly string[]>([])
  const [comment, setComment] = useState('')
  const [better, setBetter] = useState('')
  const toggle = (reason: string) =>
    setReasons(reasons.includes(reason) ? reasons.filter((each) => each !== reason) : [...reasons, reason])
  const send = async () => {
    onClose()
    await shelf.judge(message.id, -1, [...reasons], comment)
    if (better.trim()) await shelf.better(message.id, better.trim())
  }
  return (
    <section className="reasons" aria-label={words.opinion.title}>
      <p>
        <b>{words.opinion.title}</b>
      </p>
      <div className="chips">
        {feedbackReasons.map((reason) => (
          <button
            key={reason}
            type="button"
            aria-pressed={reasons.includes(reason)}
            className="chip"
            onClick={() => toggle(reason)}
          >
            {words.opinion.reasons[reason]}
          </button>
        ))}
      </div>
      <label className="field">
        <span className="name">{words.opinion.comment}</span>
        <input value={comment} maxLength={4000} onChange={(event) => setComment(event.target.value)} />
      </label>
      <label className="field">
        <span className="name">{words.better}</span>
        <textarea rows={3} value={better} onChange={(event) => setBetter(event.target.value)} />
        <small>{words.betterHelp}</small>
      </label>
      <div className="row">
        <button type="button" className="quiet" onClick={onClose}>
          {words.opinion.done}
        </button>
        <button type="button" className="strong" onClick={() => void send()}>
          {words.opinion.send}
        </button>
      </div>
    </section>
  )
}
