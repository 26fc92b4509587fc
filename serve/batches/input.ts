import type { Batch } from '#store/batches'
import { type BatchLineError, batchLineSchema } from '#wire/batches'
import { ApiError } from '#wire/errors'
import { limits } from '#wire/limits'
import { validationError } from '#wire/validation'
import { parseJsonBody } from '../http/json-body.ts'
import { linesOf, type Place } from './lines.ts'

/** A line's body may be as large as any request's; this much more is for what stands around it. */
export const lineBytes = limits.bodyBytes + 4096

export interface Input {
  lines: { custom: string; request: Place }[]
  /** Where all lines name the same. */
  model: string | null
  errors: BatchLineError[]
}

/** Looks a batch's input through. The lines stay in their file: what is kept of each is its name and its place. */
export async function readInput(
  { endpoint }: Pick<Batch, 'endpoint'>,
  source: AsyncIterable<Uint8Array>,
): Promise<Input> {
  const input: Input = { lines: [], model: null, errors: [] }
  const seen = new Set<string>()
  const models = new Set<unknown>()
  const refuse = (error: ApiError, line: number | null) => input.errors.push(problem(error, line))
  let inputs = 0
  for await (const { number, offset, length, bytes } of linesOf(source, lineBytes)) {
    if (input.errors.length >= limits.batchErrors) break
    if (input.lines.length === limits.batchLines) {
      refuse(new ApiError('invalid_value', `A batch has ${limits.batchLines} lines at most.`, 'input_file_id'), number)
      break
    }
    try {
      const { custom_id: custom, body } = parseLine(bytes, endpoint)
      if (seen.has(custom))
        throw new ApiError('invalid_value', `The custom_id '${custom}' stands on an earlier line too.`, 'custom_id')
      seen.add(custom)
      models.add(body.model)
      inputs += Array.isArray(body.input) && typeof body.input[0] !== 'number' ? body.input.length : 1
      input.lines.push({ custom, request: { offset, length } })
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      refuse(error, number)
    }
  }
  if (input.lines.length === 0 && input.errors.length === 0)
    refuse(new ApiError('invalid_value', 'The file holds no lines.', 'input_file_id'), null)
  if (endpoint === '/v1/embeddings' && inputs > limits.batchLines)
    refuse(new ApiError('invalid_value', `A batch holds ${limits.batchLines} inputs at most.`, 'input'), null)
  const [model] = models
  if (models.size === 1 && typeof model === 'string') input.model = model.slice(0, limits.modelIdLength)
  return input
}

/** @throws ApiError for a line that is no request to this endpoint */
export function parseLine(bytes: Uint8Array | null, endpoint: string) {
  if (bytes === null) throw new ApiError('request_too_large', String(lineBytes))
  const value = parseJsonBody(bytes)
  const { data, error } = batchLineSchema.safeParse(value)
  if (data === undefined) throw validationError(error.issues, value)
  if (data.url === endpoint) return data
  throw new ApiError('invalid_value', `Invalid 'url': this batch is for ${endpoint}.`, 'url')
}

function problem(error: ApiError, line: number | null): BatchLineError {
  return { code: error.code, message: error.message, param: error.param, line }
}
