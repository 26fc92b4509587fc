import { randomBytes } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { StoreError } from '#store/errors'
import { ApiError, type ErrorCode } from '#wire/errors'
import { limits } from '#wire/limits'
import { messageError, speaksMessages } from '#wire/message-errors'
import { discardRest } from './discard.ts'
import type { Traffic } from './traffic.ts'

/** Every failure leaves the server in the catalogue's form, wherever it happened. */

export const newRequestId = () => `req_${randomBytes(16).toString('hex')}`

interface CodedError {
  code?: unknown
  statusCode?: unknown
  message?: unknown
}

const frameworkCodes: Record<string, (error: CodedError, type: string) => ApiError> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () => new ApiError('request_too_large', String(limits.bodyBytes)),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: (_, type) => new ApiError('unsupported_media_type', type),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    new ApiError('bad_request', "The request's length is not what its header 'Content-Length' says."),
  FST_ERR_BAD_URL: () => new ApiError('bad_request', "The request's address is not a valid URL."),
  FST_ERR_MAX_PARAM_LENGTH: () => new ApiError('not_found', 'There is nothing at this address: it is too long.'),
}

/** Any thrown value as an error of the catalogue; what nobody foresaw is logged under the request's id and not shown. */
export function asApiError(error: unknown, requestId: string, log: (line: string) => void, contentType = ''): ApiError {
  if (error instanceof ApiError) return error
  if (error instanceof StoreError) return storeFailure(error, requestId, log)
  const coded = (typeof error === 'object' && error !== null ? error : {}) as CodedError
  const known = typeof coded.code === 'string' ? frameworkCodes[coded.code] : undefined
  if (known !== undefined) return known(coded, contentType)
  if (typeof coded.statusCode === 'number' && coded.statusCode >= 400 && coded.statusCode < 500)
    return new ApiError('bad_request', String(coded.message))
  log(`${requestId} ${error instanceof Error ? error.stack : String(error)}`)
  return new ApiError('internal_error')
}

const storeCodes: Record<StoreError['code'], ErrorCode> = {
  absent: 'not_found',
  invalid: 'invalid_value',
  conflict: 'conflict',
  idempotency_conflict: 'idempotency_conflict',
  in_progress: 'request_in_progress',
  limit_reached: 'rate_limit_exceeded',
  quota_reached: 'storage_quota_exceeded',
  lease_lost: 'conflict',
  full: 'store_full',
  busy: 'store_busy',
  unavailable: 'store_unavailable',
  damaged: 'store_unavailable',
  newer_database: 'store_unavailable',
  internal: 'internal_error',
}

/** What the store refused, for the caller; what is the operator's business goes to the log as well. */
function storeFailure(error: StoreError, requestId: string, log: (line: string) => void): ApiError {
  const code = storeCodes[error.code]
  const failure = new ApiError(code, error.message, error.field ?? null, secondsUntil(error.until))
  if (failure.status >= 500) log(`${requestId} ${error.stack}`)
  return failure
}

function secondsUntil(until: number | undefined): number | null {
  if (until === undefined || until === Number.MAX_SAFE_INTEGER) return null
  return Math.max(1, Math.ceil((until - Date.now()) / 1000))
}

/** Sends an error with its headers, in the dialect of its address. */
export function sendError(reply: FastifyReply, error: ApiError, traffic: Traffic): FastifyReply {
  traffic.failed(reply, error.code)
  if (error.retryAfterSeconds !== null) reply.header('retry-after', error.retryAfterSeconds)
  reply.header('cache-control', 'no-store')
  const { id, url, raw } = reply.request
  discardRest(raw, reply)
  if (!speaksMessages(url)) return reply.code(error.status).send(error.body())
  const { status, body } = messageError(error, id)
  return reply.code(status).header('request-id', id).send(body)
}

/** Fastify's error handler. */
export function errorHandler(log: (line: string) => void, traffic: Traffic) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const type = String(request.headers['content-type'] ?? '(none)').slice(0, 80)
    return sendError(reply, asApiError(error, request.id, log, type), traffic)
  }
}

const socketCodes: Record<string, [ErrorCode, string]> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['request_timeout', ''],
  HPE_HEADER_OVERFLOW: ['headers_too_large', String(limits.headerBytes)],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['request_too_large', String(limits.bodyBytes)],
}

/** Answers on the bare socket what Node's parser refused, where no request object exists. */
export function answerBrokenRequest(
  error: Error & { code?: string },
  socket: Socket,
  failed: (code: ErrorCode) => void,
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const [code, detail] = socketCodes[error.code ?? ''] ?? ['bad_request', 'The request is not valid HTTP/1.1.']
  failed(code)
  const failure = new ApiError(code, detail)
  const body = JSON.stringify(failure.body())
  const headers = [
    `HTTP/1.1 ${failure.status} ${STATUS_CODES[failure.status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${newRequestId()}`,
    'openai-processing-ms: 0',
    'x-content-type-options: nosniff',
    'connection: close',
  ]
  socket.end(`${headers.join('\r\n')}\r\n\r\n${body}`)
}
