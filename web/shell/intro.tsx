import { useWords } from '../language/use-words.ts'

interface IntroProps {
  canBringBack: boolean
  onExample(text: string): void
  onBringBack(): void
}

/** What is seen before anything was said: what Dotline is, what to try, and what the starter model cannot do. */
export function Intro({ canBringBack, onExample, onBringBack }: IntroProps) {
  const words = useWords()
  const { intro } = words
  return (
    <section className="intro">
      <h2>{intro.title}</h2>
      <ol className="beads">
        {intro.lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ol>
      <h3 id="try">{intro.try}</h3>
      <ul className="examples" aria-labelledby="try">
        {intro.examples.map((example) => (
          <li key={example}>
            <button type="button" onClick={() => onExample(example)}>
              {example}
            </button>
          </li>
        ))}
      </ul>
      <p className="honest">
        <b>{intro.canTitle}</b> {intro.can} <b>{intro.cannotTitle}</b> {intro.cannot}
      </p>
      {canBringBack && (
        <button type="button" className="quiet back" onClick={onBringBack}>
          {intro.back}
        </button>
      )}
    </section>
  )
}
