import { memo } from 'react'
import type { Message } from '../conversation/tree.ts'
import { useWords } from '../language/use-words.ts'
import { Answer } from './answer.tsx'
import { BranchSwitch } from './branch-switch.tsx'
import { PersonMessage } from './person-message.tsx'

interface ArticleProps {
  message: Message
  /** Which of its siblings this is, from 1, and how many there are. */
  version: number
  versions: number
  /** True while any answer is being written: then nothing may branch. */
  busy: boolean
  editing: boolean
  modelName: string
  onEdit(id: string): void
  onSettings(): void
}

/** One message with its head, its text and what can be done with it. */
export const Article = memo(function Article(props: ArticleProps) {
  const { message, version, versions, busy } = props
  const words = useWords()
  const fromModel = message.role === 'assistant'
  const model = message.author ? words.yourAnswer : message.details?.model || props.modelName || words.model
  const author = fromModel ? model : words.you
  return (
    <article
      data-message={message.id}
      data-role={message.role}
      data-state={message.state}
      aria-label={author}
      aria-busy={message.state === 'writing'}
      tabIndex={-1}
    >
      <header>
        <h2>{author}</h2>
        {versions > 1 && <BranchSwitch id={message.id} version={version} versions={versions} busy={busy} />}
      </header>
      {fromModel ? (
        <Answer message={message} busy={busy} onSettings={props.onSettings} />
      ) : (
        <PersonMessage message={message} busy={busy} editing={props.editing} onEdit={props.onEdit} />
      )}
    </article>
  )
})
