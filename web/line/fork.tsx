/** At most this many of the other branches are drawn; the numbers at the message tell the rest. */
const drawn = 2

/** The branches that are not shown leave the line before this dot and end in small dots of their own. */
export function Fork({ version, versions }: { version: number; versions: number }) {
  const others = Math.min(drawn, versions - 1)
  const earlier = Math.min(others, version - 1)
  return (
    <svg className="fork" viewBox="0 0 40 44" width="40" height="44" aria-hidden="true" focusable="false">
      {Array.from({ length: others }, (_, index) => {
        const side = index < earlier ? -1 : 1
        const rank = index < earlier ? earlier - index : index - earlier + 1
        const x = 20 + side * (4 + rank * 8)
        return (
          <g key={index} data-rank={rank}>
            <path d={`M20 6C20 ${16 + rank * 2} ${x} ${12 + rank * 2} ${x} 24.5`} />
            <circle cx={x} cy="27.5" r="2.8" />
          </g>
        )
      })}
    </svg>
  )
}
