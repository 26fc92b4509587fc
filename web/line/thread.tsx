import type { Measures } from './use-tops.ts'

/** The line itself; while the model writes it goes on, in its colour, as far down as the text has come. */
export function Thread({ measures, live }: { measures: Measures; live: boolean }) {
  const { tops, end } = measures
  const first = tops[0] ?? 0
  const last = tops.at(-1) ?? 0
  return (
    <>
      <div className="thread" style={{ top: first, height: last - first }} />
      <div className="growth" style={{ top: last, height: live ? Math.max(18, end - last - 8) : 0 }} />
    </>
  )
}
