/** Log-probabilities under the model's own distribution: no temperature, no penalties, no bias. */

export interface Logprob {
  id: number
  logprob: number
}

/** log(sum(exp(logits))), in double precision. */
export function logSumExp(logits: Float32Array): number {
  let peak = Number.NEGATIVE_INFINITY
  for (let id = 0; id < logits.length; id++) if (logits[id] > peak) peak = logits[id]
  let sum = 0
  for (let id = 0; id < logits.length; id++) sum += Math.exp(logits[id] - peak)
  return peak + Math.log(sum)
}

/** The `count` likeliest tokens, likeliest first; among equals the lower token first. */
export function topLogprobs(logits: Float32Array, count: number, norm: number): Logprob[] {
  const best: number[] = []
  for (let id = 0; id < logits.length && count > 0; id++) {
    if (best.length === count && logits[id] <= logits[best[count - 1]]) continue
    let at = best.length
    while (at > 0 && logits[best[at - 1]] < logits[id]) at--
    best.splice(at, 0, id)
    if (best.length > count) best.pop()
  }
  return best.map((id) => ({ id, logprob: logits[id] - norm }))
}

/** Whether all are numbers: neither NaN nor an infinity. */
export function allFinite(values: Float32Array): boolean {
  // 0 times a number is 0; times NaN or an infinity it is NaN, which stays in the sum.
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i] * 0
  return sum === 0
}
