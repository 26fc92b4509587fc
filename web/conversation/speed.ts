import type { Details, Message } from './tree.ts'

/** Tokens a second while the model wrote: the first token's wait is left out. Null where it cannot be known. */
export function tokensPerSecond(details: Details): number | null {
  const { completionTokens, firstTokenMs, totalMs } = details
  if (completionTokens === null || completionTokens < 2 || firstTokenMs === null || totalMs <= firstTokenMs) return null
  return ((completionTokens - 1) * 1000) / (totalMs - firstTokenMs)
}

/** The speed of the last answer that tells one. */
export function lastSpeed(path: Message[]): number | null {
  for (const { details } of path.toReversed()) {
    const speed = details && tokensPerSecond(details)
    if (speed !== null) return speed
  }
  return null
}
