import type { DecodeRequest } from '../decoding.ts'

/** A request that cannot be decoded; the message names the field, the limit and the remedy. */
export class DecodeRequestError extends Error {
  override name = 'DecodeRequestError'
  readonly field: string

  constructor(field: string, message: string) {
    super(`${field}: ${message}`)
    this.field = field
  }
}

/** The model's output for one sequence holds NaN or an infinity: that sequence alone ends. */
export class NotFiniteError extends Error {
  override name = 'NotFiniteError'

  constructor() {
    super(
      'the model computed NaN or an infinity for this request: its weights are damaged, or overflow on this text; compare the weight files with their source, or change the prompt',
    )
  }
}

interface Range {
  low: number
  high?: number
  whole?: boolean
}

/** Throws a DecodeRequestError for the first field that is out of range. */
export function checkRequest(request: DecodeRequest, contextLength: number, vocabSize: number): void {
  const { promptIds, sampling, topLogprobs } = request
  if (promptIds.length === 0)
    throw new DecodeRequestError('promptIds', 'empty; begin with at least one token, such as the end-of-text token')
  if (promptIds.length >= contextLength)
    throw new DecodeRequestError(
      'promptIds',
      `${promptIds.length} tokens leave no room in a context of ${contextLength}; shorten the prompt`,
    )
  for (const id of promptIds)
    if (id >= vocabSize) throw new DecodeRequestError('promptIds', `token ${id} is not from 0 to ${vocabSize - 1}`)
  check('maxTokens', request.maxTokens, { low: 0, whole: true })
  if (topLogprobs !== null) check('topLogprobs', topLogprobs, { low: 0, high: 20, whole: true })
  check('temperature', sampling.temperature, { low: 0 })
  check('topK', sampling.topK, { low: 0, whole: true })
  check('topP', sampling.topP, { low: 0, high: 1 })
  check('minP', sampling.minP, { low: 0, high: 1 })
  check('repetitionPenalty', sampling.repetitionPenalty, { low: 1e-6 })
  check('presencePenalty', sampling.presencePenalty, { low: Number.NEGATIVE_INFINITY })
  check('frequencyPenalty', sampling.frequencyPenalty, { low: Number.NEGATIVE_INFINITY })
  check('seed', sampling.seed, { low: Number.NEGATIVE_INFINITY })
  for (const [id, bias] of sampling.logitBias)
    if (!(id >= 0 && id < vocabSize) || Number.isNaN(bias))
      throw new DecodeRequestError('logitBias', `${bias} for token ${id}; tokens are 0 to ${vocabSize - 1}`)
}

function check(field: string, value: number, { low, high = Number.POSITIVE_INFINITY, whole = false }: Range): void {
  const fits = value >= low && value <= high && (whole ? Number.isSafeInteger(value) : Number.isFinite(value))
  if (!fits)
    throw new DecodeRequestError(field, `${value} is not ${whole ? 'a whole number ' : ''}from ${low} to ${high}`)
}
