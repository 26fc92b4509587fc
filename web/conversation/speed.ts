import type { Details, Message } from './tree.ts'

/** Below this, in milliseconds, the network's bundling of pieces decides how long an answer seemed to take. */
const shortest = 50

/**
 * Tokens a second while the model wrote, the first token's wait left out; in an answer too short for that the wait
 * counts in, so that the figure is never flattering. Null where it cannot be known.
 */
export function tokensPerSecond(details: Details): number | null {
  const { completionTokens, firstTokenMs, totalMs } = details
  if (completionTokens === null || completionTokens < 2 || firstTokenMs === null || totalMs <= 0) return null
  const writing = totalMs - firstTokenMs
  return writing < shortest ? (completionTokens * 1000) / totalMs : ((completionTokens - 1) * 1000) / writing
}

/** The speed of the last answer that tells one. */
export function lastSpeed(path: Message[]): number | null {
  for (const { details } of path.toReversed()) {
    const speed = details && tokensPerSecond(details)
    if (speed !== null) return speed
  }
  return null
}
