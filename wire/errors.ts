/**
 * The catalogue of errors that cross HTTP: each code has its status, its type and its sentence. OpenAI's clients map the
 * status to an exception class and show the message; all four keys of the body are always present.
 */

export type ErrorType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'permission_error'
  | 'rate_limit_error'
  | 'server_error'

export interface ErrorBody {
  error: { message: string; type: ErrorType; param: string | null; code: string }
}

interface Entry {
  status: number
  type: ErrorType
  message: (detail: string) => string
}

const request = (status: number, message: (detail: string) => string): Entry => ({
  status,
  type: 'invalid_request_error',
  message,
})
const denied = (message: (detail: string) => string): Entry => ({ status: 403, type: 'permission_error', message })
const limited = (message: (detail: string) => string): Entry => ({ status: 429, type: 'rate_limit_error', message })
const server = (status: number, message: (detail: string) => string): Entry => ({
  status,
  type: 'server_error',
  message,
})

export const catalogue = {
  missing_required_parameter: request(400, (field) => `Missing required parameter: '${field}'.`),
  unknown_parameter: request(400, (field) => `Unknown parameter: '${field}'.`),
  invalid_type: request(400, (text) => text),
  invalid_value: request(400, (text) => text),
  unsupported_parameter: request(400, (text) => text),
  unsupported_value: request(400, (text) => text),
  context_length_exceeded: request(400, (text) => text),
  invalid_json: request(400, (text) => `The request's body is not valid JSON: ${text}.`),
  json_too_deep: request(400, (limit) => `The request's JSON is nested more than ${limit} levels deep.`),
  unsafe_key: request(400, (key) => `The key '${key}' is not allowed in a request.`),
  bad_request: request(400, (text) => text),
  invalid_api_key: request(401, (text) => text),
  invalid_credentials: request(401, () => 'The address or the password is not right, or the account is disabled.'),
  session_ended: request(401, () => 'The session has ended. Sign in again.'),
  totp_required: request(401, () => 'This account has a second factor: send its code, or a recovery code, as `code`.'),
  insufficient_permissions: denied((text) => text),
  model_not_found: request(404, (text) => text),
  not_found: request(404, (text) => text),
  previous_response_not_found: request(400, (text) => text),
  conflict: request(409, (text) => text),
  idempotency_conflict: request(
    409,
    () => 'This Idempotency-Key came before with another request. Use a new key for a new request.',
  ),
  request_in_progress: request(
    409,
    () => 'The first request with this Idempotency-Key is still being worked on. Try again in a moment.',
  ),
  method_not_allowed: request(405, (text) => text),
  request_timeout: request(408, () => 'The request was not received in time. Send it again on a faster connection.'),
  request_too_large: request(413, (limit) => `The request is larger than ${limit} bytes. Shorten it and try again.`),
  unsupported_media_type: request(
    415,
    (got) => `The content type ${got} is not supported. Send 'Content-Type: application/json' in UTF-8.`,
  ),
  headers_too_large: request(431, (limit) => `The request's headers are larger than ${limit} bytes.`),
  client_closed_request: request(499, () => 'The client left before the answer was complete.'),
  host_not_allowed: denied(
    (host) =>
      `The host ${host} is not served here. Use the address that the server printed, or allow the host when starting it.`,
  ),
  origin_not_allowed: denied(
    (origin) =>
      `Requests from the page at ${origin} are not allowed: only this server's own page may call it from a browser.`,
  ),
  rate_limit_exceeded: limited((text) => text),
  insufficient_quota: limited((text) => text),
  storage_quota_exceeded: request(413, (text) => text),
  slow_consumer: request(408, () => 'The stream was cut because the client did not read it.'),
  internal_error: server(
    500,
    () => 'The server had an error while processing the request. The request id leads to its log line.',
  ),
  engine_failed: server(500, (text) => text),
  model_unavailable: server(503, (text) => text),
  overloaded: server(503, (text) => text),
  store_full: server(507, () => 'The disk of the server is full: nothing was kept. Free some space, then try again.'),
  store_busy: server(503, () => 'The store has too much to do. Try again in a moment.'),
  store_unavailable: server(503, () => 'What is kept cannot be reached at the moment. Try again later.'),
  upstream_failed: server(502, (text) => text),
  upstream_timeout: server(504, (text) => text),
  shutting_down: server(503, () => 'The server is shutting down. Try again in a moment.'),
} satisfies Record<string, Entry>

export type ErrorCode = keyof typeof catalogue

/** An error of the catalogue. `retryAfterSeconds` becomes the header `retry-after`. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: ErrorCode
  /** What the catalogue's sentence was built from. */
  readonly detail: string
  readonly param: string | null
  readonly retryAfterSeconds: number | null

  constructor(code: ErrorCode, detail = '', param: string | null = null, retryAfterSeconds: number | null = null) {
    super(catalogue[code].message(detail))
    this.code = code
    this.detail = detail
    this.param = param
    this.retryAfterSeconds = retryAfterSeconds
  }

  get status(): number {
    return catalogue[this.code].status
  }

  body(): ErrorBody {
    return { error: { message: this.message, type: catalogue[this.code].type, param: this.param, code: this.code } }
  }
}
