import { randomBytes, timingSafeEqual } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import { ApiError } from '#wire/errors'
import { limits } from '#wire/limits'
import type { HashDone, HashJob } from './people/password-worker.ts'

/** scrypt with 32 MB and three rounds: what OWASP asks for, about a quarter of a second. */
const cost = { logN: 15, r: 8, p: 3 }
/** Held against passwords of names that nobody has, so that they take as long as the others. */
const nobodys = `scrypt$${cost.logN}$${cost.r}$${cost.p}$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA`

/**
 * Hashes passwords in one thread of its own, one after the other: whoever tries many makes others who sign in wait, and
 * nobody else. More than a few do not wait at all.
 */
export class Passwords {
  readonly #waiting = new Map<number, { done: (hash: Uint8Array) => void; failed: (error: Error) => void }>()
  #worker: Worker | null = null
  #last = 0

  /** What is kept of a password. */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(16)
    const hash = await this.#derive(password, salt, cost)
    return ['scrypt', cost.logN, cost.r, cost.p, text(salt), text(hash)].join('$')
  }

  /** Null is kept where there is no such person, or one who has no password: it takes as long, and never fits. */
  async verify(password: string, kept: string | null): Promise<boolean> {
    const [, logN, r, p, salt, hash] = (kept ?? nobodys).split('$')
    const wanted = { logN: Number(logN), r: Number(r), p: Number(p) }
    const derived = await this.#derive(password, Buffer.from(salt, 'base64url'), wanted)
    return timingSafeEqual(derived, Buffer.from(hash, 'base64url')) && kept !== null
  }

  async close(): Promise<void> {
    await this.#worker?.terminate()
  }

  #derive(password: string, salt: Uint8Array, wanted: HashJob['cost']): Promise<Uint8Array> {
    if (this.#waiting.size >= limits.accounts.passwordQueue)
      return Promise.reject(
        new ApiError('overloaded', 'Too many people sign in at this moment. Try again in a few seconds.', null, 5),
      )
    const worker = (this.#worker ??= this.#start())
    const id = ++this.#last
    return new Promise((done, failed) => {
      this.#waiting.set(id, { done, failed })
      worker.ref()
      worker.postMessage({ id, password, salt, cost: wanted } satisfies HashJob)
    })
  }

  #start(): Worker {
    const worker = new Worker(new URL('./people/password-worker.ts', import.meta.url))
    worker.on('message', ({ id, hash }: HashDone) => {
      this.#waiting.get(id)?.done(hash)
      this.#waiting.delete(id)
      // An idle thread keeps no process alive.
      if (this.#waiting.size === 0) worker.unref()
    })
    const lost = (error: Error) => {
      this.#worker = null
      for (const { failed } of this.#waiting.values()) failed(error)
      this.#waiting.clear()
    }
    worker.on('error', lost)
    worker.on('exit', () => lost(new Error('The thread that hashes passwords has ended.')))
    worker.unref()
    return worker
  }
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')
