import type { ServerResponse } from 'node:http'
import type { Caller } from '#serve/caller'

/**
 * The requests that run on a credential. When it stops to hold (a key is revoked, a session ended, a person disabled,
 * here or on another node), their connections are cut.
 */
export class Running {
  readonly #open = new Map<string, Set<ServerResponse>>()

  follow({ credential }: Caller, reply: ServerResponse): void {
    if (credential === undefined) return
    const all = this.#open.get(credential) ?? new Set()
    this.#open.set(credential, all.add(reply))
    reply.once('close', () => {
      all.delete(reply)
      if (all.size === 0) this.#open.delete(credential)
    })
  }

  async recheck(holds: (credential: string) => Promise<boolean>): Promise<void> {
    const credentials = [...this.#open.keys()]
    await Promise.all(
      credentials.map(async (credential) => {
        if (await holds(credential)) return
        for (const reply of this.#open.get(credential) ?? []) reply.destroy()
      }),
    )
  }
}
