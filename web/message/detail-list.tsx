import { tokensPerSecond } from '../conversation/speed.ts'
import type { Details, Message } from '../conversation/tree.ts'
import { rate, seconds } from '../language/numbers.ts'
import { useWords } from '../language/use-words.ts'
import { costOf, endOf } from './summary.ts'

/** All that is known of how an answer came about. */
export function DetailList({ message, details }: { message: Message; details: Details }) {
  const words = useWords()
  const speed = tokensPerSecond(details)
  const count = (value: number | null) => value?.toLocaleString(words.locale)
  const rows: [string, string | undefined][] = [
    [words.details.model, details.model],
    [words.details.prompt, count(details.promptTokens)],
    [words.details.completion, count(details.completionTokens)],
    [words.details.first, details.firstTokenMs === null ? undefined : words.seconds(seconds(details.firstTokenMs))],
    [words.details.total, words.seconds(seconds(details.totalMs))],
    [words.details.rate, speed === null ? undefined : words.perSecond(rate(speed, words.locale))],
    ...optional(words.details.seed, details.seed?.toString()),
    ...optional(words.details.cost, details.cost && costOf(details.cost, words.locale)),
    ...optional(words.details.written, message.created && new Date(message.created).toLocaleString(words.locale)),
    [words.details.finish, endOf(details, message.state, words)],
  ]
  return (
    <dl className="details">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value || words.details.unknown}</dd>
        </div>
      ))}
    </dl>
  )
}

/** A row that stands there only where something is known. */
const optional = (name: string, value: string | number | null | undefined): [string, string][] =>
  value ? [[name, String(value)]] : []
