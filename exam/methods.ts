import type { Method } from './method.ts'
import { choice } from './methods/choice.ts'
import { classification, rating } from './methods/classification.ts'
import { code } from './methods/code.ts'
import { bias, counterfactual } from './methods/fairness.ts'
import { perplexity } from './methods/perplexity.ts'
import { cloze, generation, preference, safety } from './methods/written.ts'
import type { Kind } from './task.ts'

/** How each kind of task is asked and marked. */
export const methods: Readonly<Record<Kind, Method>> = {
  choice,
  cloze,
  generation,
  classification,
  rating,
  preference,
  perplexity,
  safety,
  bias,
  counterfactual,
  code,
}
