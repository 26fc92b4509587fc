export type Health = 'unknown' | 'ready' | 'loading' | 'offline'

/** How long to wait before asking again, in milliseconds: seldom while all is well, often while it is not. */
export const healthPause: Record<Health, number> = { unknown: 1000, ready: 15_000, loading: 1000, offline: 2000 }

/** Asks `GET /health` once. A server that answers but is not ready counts as loading its model. */
export async function askHealth(): Promise<Health> {
  const response = await fetch('/health', { signal: AbortSignal.timeout(5000), cache: 'no-store' }).catch(() => null)
  if (!response) return 'offline'
  const body: unknown = await response.json().catch(() => null)
  const status = typeof body === 'object' && body !== null && 'status' in body ? String(body.status) : ''
  if (response.ok) return /load|start/.test(status) ? 'loading' : 'ready'
  return response.status === 503 ? 'loading' : 'offline'
}

/** The name of the first model that `GET /v1/models` lists, or an empty string. */
export async function askModel(): Promise<string> {
  const response = await fetch('/v1/models').catch(() => null)
  const body: unknown = response?.ok ? await response.json().catch(() => null) : null
  const list = typeof body === 'object' && body !== null && 'data' in body && Array.isArray(body.data) ? body.data : []
  const first: unknown = list[0]
  return typeof first === 'object' && first !== null && 'id' in first && typeof first.id === 'string' ? first.id : ''
}
