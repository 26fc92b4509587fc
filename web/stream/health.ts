import type { Health as ServerHealth } from '#wire/health'

/** How the server is: as it says itself, or `offline` where nothing answers, or `unknown` before the first word. */
export interface Health {
  state: 'unknown' | 'offline' | 'ok' | 'loading' | 'failed' | 'closing'
  /** The model's name; empty where it is not told. */
  model: string
  /** Why the model could not be loaded. */
  problem: string
  /** Whether conversations are kept there. */
  keeps: boolean
}

/** How long to wait before asking again, in milliseconds: seldom while all is well, often while it is not. */
export const healthPause: Record<Health['state'], number> = {
  unknown: 1000,
  offline: 2000,
  ok: 15_000,
  loading: 700,
  failed: 5000,
  closing: 1000,
}

const states = new Set<string>(['ok', 'loading', 'failed', 'closing'] satisfies ServerHealth['status'][])

/** Asks `GET /health` once. An answer that is not Dotline's counts as none. */
export async function askHealth(): Promise<Health> {
  const response = await fetch('/health', { signal: AbortSignal.timeout(5000), cache: 'no-store' }).catch(() => null)
  const body: unknown = await response?.json().catch(() => null)
  return readHealth(body)
}

/** Reads the body of `GET /health`, whatever its shape. */
export function readHealth(body: unknown): Health {
  const { status, model, problem, keeps } = (typeof body === 'object' && body !== null ? body : {}) as Record<
    string,
    unknown
  >
  if (typeof status !== 'string' || !states.has(status))
    return { state: 'offline', model: '', problem: '', keeps: false }
  return {
    state: status as ServerHealth['status'],
    model: typeof model === 'string' ? model : '',
    problem: typeof problem === 'string' ? problem : '',
    keeps: keeps === true,
  }
}
