import type { ApiError, ErrorCode } from './errors.ts'
import type { MessageError } from './messages.ts'

/** The catalogue's errors as Anthropic's clients know them. */

type Kind = MessageError['error']['type']

const kindsOfStatus: Readonly<Record<number, Kind>> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  408: 'timeout_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
}

/** What Anthropic has a status of its own for, outside HTTP's. */
const own: { readonly [Code in ErrorCode]?: { status: number; kind: Kind } } = {
  overloaded: { status: 529, kind: 'overloaded_error' },
}

/** Names of OpenAI's fields in what an engine says, and what they are called in this dialect. */
const fields: readonly (readonly [RegExp, string])[] = [
  [/response_format(\.json_schema)?(?=\b)/g, 'output_config.format'],
  [/max_completion_tokens/g, 'max_tokens'],
  [/\.function\.parameters/g, '.input_schema'],
  [/'stop'/g, "'stop_sequences'"],
]

export function messageError(error: ApiError, requestId: string): { status: number; body: MessageError } {
  const { code, param } = error
  const status = own[code]?.status ?? error.status
  const type = own[code]?.kind ?? kindsOfStatus[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error')
  const translated = (text: string) => fields.reduce((all, [theirs, ours]) => all.replace(theirs, ours), text)
  const text = translated(error.message)
  // The field has no key of its own here.
  const field = param === null ? '' : translated(param)
  const message = text.includes(field) ? text : `${field}: ${text}`
  return { status, body: { type: 'error', error: { type, message }, request_id: requestId } }
}

/** Whether who asks at this address speaks Anthropic's dialect. */
export const speaksMessages = (url: string) => /^\/v1\/messages(?=[/?]|$)/.test(url)
