import type { MultipartFile, MultipartValue } from '@fastify/multipart'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { ApiError } from '#wire/errors'
import { limits } from '#wire/limits'
import { validationError } from '#wire/validation'
import { discardRest } from './discard.ts'

/** A form of text fields and one file, whose bytes go where they belong as they arrive and are never held together. */

export interface FormFile {
  name: string
  bytes: AsyncIterable<Uint8Array>
}

export interface FormPlan<F, T> {
  /** The field that the file stands in. */
  file: string
  /** Bytes that the file may have. */
  most: number
  /** What must stand in the other fields. */
  fields: z.ZodType<F>
  /** Takes the file. The fields are known once all of the form is there: they may stand behind the file. */
  take(file: FormFile, fields: Promise<F>): Promise<T>
}

type Part = MultipartFile | MultipartValue

const partLimits = {
  limits: {
    fields: limits.formFields,
    fieldNameSize: limits.nameLength,
    fieldSize: limits.formFieldBytes,
    // One more than is taken, so that a second one is refused by its name.
    files: 2,
    parts: limits.formFields + 2,
    headerPairs: limits.formFields,
    fileSize: Number.MAX_SAFE_INTEGER,
  },
  throwFileSizeLimit: false,
}

/** Reads a form to its end. @throws ApiError; the rest of a form that was refused is thrown away as it comes */
export async function readForm<F, T>(
  request: FastifyRequest,
  reply: FastifyReply,
  { file, most, fields, take }: FormPlan<F, T>,
): Promise<T> {
  // RFC 2046 allows 70 characters; the parser fails over more than it can look for.
  if ((/boundary="?([^";]*)/i.exec(request.headers['content-type'] ?? '')?.[1].length ?? 0) > 70)
    throw new ApiError('bad_request', 'The boundary of the form is longer than 70 characters.')
  if (!request.isMultipart()) throw new ApiError('bad_request', 'Send a form: multipart/form-data with a file in it.')
  const given = new Map<string, unknown>()
  const told = Promise.withResolvers<F>()
  told.promise.catch(() => {})
  let taken: Promise<T> | null = null
  const begin = (part: MultipartFile) => {
    if (part.fieldname !== file) throw unknownField(part.fieldname)
    if (taken !== null) throw twice(file)
    const bytes = counted(request, part.file, most, file)
    taken = take({ name: part.filename ?? '', bytes }, told.promise)
    taken.catch(() => {})
  }
  try {
    for await (const part of whileGoing(request.parts(partLimits), () => taken)) {
      if (part.type === 'file') begin(part)
      else note(given, part)
    }
    if (taken === null) throw new ApiError('missing_required_parameter', file, file)
    told.resolve(judged(fields, given))
    return await taken
  } catch (error) {
    told.reject(error)
    request.raw.unpipe()
    discardRest(request.raw, reply)
    // Where the file was refused, its form ends early, and that is not what was wrong with it.
    const first = await (taken as Promise<T> | null)?.then(
      () => error,
      (own: unknown) => own,
    )
    throw formError(first ?? error)
  }
}

/** The parts in their order, until there are no more or the taking of the file has failed. */
async function* whileGoing(
  parts: AsyncIterableIterator<Part>,
  taken: () => Promise<unknown> | null,
): AsyncGenerator<Part> {
  while (true) {
    const next = parts.next()
    next.catch(() => {})
    const failed = taken()?.then(() => next)
    const { done, value } = await (failed === undefined ? next : Promise.race([next, failed]))
    if (done === true) return
    yield value
  }
}

/** Bytes as they arrive: no more than `most`, and never silent for long. */
async function* counted(
  request: FastifyRequest,
  stream: AsyncIterable<Uint8Array>,
  most: number,
  field: string,
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  const silent = () => request.raw.destroy(new ApiError('request_timeout'))
  let patience = setTimeout(silent, limits.streamStallMs)
  try {
    for await (const chunk of stream) {
      clearTimeout(patience)
      bytes += chunk.byteLength
      if (bytes > most) throw new ApiError('request_too_large', String(most), field)
      yield chunk
      patience = setTimeout(silent, limits.streamStallMs)
    }
  } finally {
    clearTimeout(patience)
  }
  if (bytes === 0) throw new ApiError('invalid_value', `Invalid '${field}': the file is empty.`, field)
}

/** `expires_after[seconds]` is a field in a field. */
const nested = /^(\w+)\[(\w+)\]$/

function note(given: Map<string, unknown>, part: MultipartValue): void {
  const { fieldname: name } = part
  if (!name) throw unknownField(name)
  if (part.fieldnameTruncated || part.valueTruncated)
    throw new ApiError('invalid_value', `Invalid '${name}': it is longer than ${limits.formFieldBytes} bytes.`, name)
  const value = typeof part.value === 'string' && /^\d{1,15}$/.test(part.value) ? Number(part.value) : part.value
  const [, outer, inner] = nested.exec(name) ?? []
  if (outer === undefined) return set(given, name, value)
  const within = given.get(outer) ?? new Map()
  if (!(within instanceof Map)) throw twice(outer)
  set(within, inner, value)
  given.set(outer, within)
}

function set(given: Map<string, unknown>, name: string, value: unknown): void {
  if (given.has(name)) throw twice(name)
  given.set(name, value)
}

function judged<F>(schema: z.ZodType<F>, given: Map<string, unknown>): F {
  const plain = Object.fromEntries(
    [...given].map(([name, value]) => [name, value instanceof Map ? Object.fromEntries(value) : value]),
  )
  const { data, error, success } = schema.safeParse(plain)
  if (!success) throw validationError(error.issues, plain)
  return data
}

/** A part may lack a name altogether. */
function unknownField(name: string | undefined): ApiError {
  const shown = name === undefined || name === '' ? '""' : name.slice(0, 80)
  return new ApiError('unknown_parameter', shown, shown)
}
const twice = (name: string) => new ApiError('invalid_value', `Invalid '${name}': it is given twice.`, name)

/** What the parser of forms refused, in the catalogue's words. */
function formError(error: unknown): unknown {
  const { code } = error as { code?: unknown }
  if (code === 'ECONNRESET' || code === 'FST_MP_PREMATURE_CLOSE') return new ApiError('client_closed_request')
  if (code === 'FST_PARTS_LIMIT' || code === 'FST_FIELDS_LIMIT' || code === 'FST_FILES_LIMIT')
    return new ApiError('bad_request', `The form has more than ${limits.formFields} fields, or more than one file.`)
  if (error instanceof Error && /multipart|Part terminated|Malformed|boundary/i.test(error.message))
    return new ApiError('bad_request', 'The form is not valid multipart/form-data, or ends too early.')
  return error
}
