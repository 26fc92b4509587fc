import { readError } from '../stream/chunk.ts'
import { AnswerFailed, kindOf } from '../stream/failure.ts'

/** A number that nobody else draws: what the page makes has its id before the server hears of it. */
export function newId(kind: 'conv_' | 'msg_'): string {
  const bytes = crypto.getRandomValues(new Uint8Array(15))
  return (
    kind +
    btoa(String.fromCharCode(...bytes))
      .replaceAll('+', '-')
      .replaceAll('/', '_')
  )
}

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'

/** Says something to the server. @throws AnswerFailed where nothing answers, or it refuses */
export async function say(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
  const response = await fetch(path, {
    method,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal,
    cache: 'no-store',
  }).catch((error: unknown) => {
    throw signal?.aborted ? error : new AnswerFailed('offline')
  })
  if (response.ok) return response
  const { message, code } = readError(await response.json().catch(() => null))
  const kind = response.status === 404 ? 'gone' : response.status === 401 ? 'signed-out' : kindOf(response.status, code)
  throw new AnswerFailed(kind, message || `HTTP ${response.status}`, response.headers.get('x-request-id') ?? '')
}

/** Asks for JSON of a known form. */
export async function ask<T>(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const response = await say(method, path, body, signal)
  return (response.status === 204 ? null : await response.json()) as T
}
