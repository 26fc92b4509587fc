import type { Site } from './site.ts'

export type ClientName = 'openai' | 'ai' | 'python' | 'curl'

/** Something that is supported, and a check by each client that has words for it. */
export interface Row {
  endpoint: string
  english: string
  chinese: string
  checks: Partial<Record<Exclude<ClientName, 'python'>, (site: Site) => Promise<void>>>
  /** The name of Python's check in trials/peers/openai_client.py. */
  python?: string
}
