import { scryptSync } from 'node:crypto'
import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'

export interface HashJob {
  id: number
  password: string
  salt: Uint8Array
  cost: { logN: number; r: number; p: number }
}

export interface HashDone {
  id: number
  hash: Uint8Array
}

// Linux counts a thread as a process here: this one yields to those that answer. Elsewhere it would slow them all.
if (process.platform === 'linux') {
  try {
    setPriority(0, 10)
  } catch {
    // A container may forbid it; then one thread among others it is.
  }
}

parentPort?.on('message', ({ id, password, salt, cost: { logN, r, p } }: HashJob) => {
  const N = 2 ** logN
  const hash = scryptSync(password.normalize('NFKC'), salt, 32, { N, r, p, maxmem: 256 * N * r })
  parentPort?.postMessage({ id, hash } satisfies HashDone)
})
