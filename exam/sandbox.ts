/**
 * Runs JavaScript that a model wrote against its tests: QuickJS in WebAssembly, in a thread of its own. The code has the
 * language and nothing else: no file, no network, no module of Node's, no clock but Date. Time and memory are bounded
 * twice, by QuickJS inside and by ending the thread from outside.
 */
import { Worker } from 'node:worker_threads'

export interface SandboxLimits {
  /** Processor time for the program and its tests together, ms: a busy machine changes no mark. */
  timeMs: number
  memoryBytes: number
}

export const sandboxLimits: SandboxLimits = { timeMs: 3000, memoryBytes: 64 * 2 ** 20 }

export interface Verdict {
  passed: boolean
  /** What failed; empty where all passed. */
  problem: string
}

export interface SandboxTask extends SandboxLimits {
  id: number
  program: string
  tests: string
}

/** By the clock on the wall a program may take this many times as long, and a while; then its thread is ended. */
const patience = { factor: 10, ms: 2000 }

export class Sandbox {
  readonly #limits: SandboxLimits
  #worker: Worker | null = null
  #ready: Promise<unknown> = Promise.resolve()
  #last: Promise<unknown> = Promise.resolve()
  #count = 0

  constructor(limits: Partial<SandboxLimits> = {}) {
    this.#limits = { ...sandboxLimits, ...limits }
  }

  /** Runs the program, then its tests; one at a time, each in a runtime of its own. Whatever the code does, it resolves. */
  check(program: string, tests: string): Promise<Verdict> {
    const verdict = this.#last.then(() => this.#run(program, tests))
    this.#last = verdict
    return verdict
  }

  async close(): Promise<void> {
    await this.#last
    await this.#worker?.terminate()
    this.#worker = null
  }

  async #run(program: string, tests: string): Promise<Verdict> {
    const worker = (this.#worker ??= this.#start())
    await this.#ready
    const id = ++this.#count
    const settled = Promise.withResolvers<Verdict>()
    const give = ({ id: of, ...verdict }: Verdict & { id: number }) => of === id && settled.resolve(verdict)
    const broke = (error: unknown) => settled.resolve({ passed: false, problem: `the sandbox broke: ${String(error)}` })
    const ended = () => broke('its thread ended')
    worker.on('message', give).once('error', broke).once('exit', ended)
    const { timeMs } = this.#limits
    const late = setTimeout(
      () => {
        settled.resolve({ passed: false, problem: `it ran longer than ${timeMs} ms` })
        this.#drop(worker)
      },
      patience.factor * timeMs + patience.ms,
    )
    worker.postMessage({ id, program, tests, ...this.#limits } satisfies SandboxTask)
    const verdict = await settled.promise
    clearTimeout(late)
    worker.off('message', give).off('error', broke).off('exit', ended)
    if (verdict.problem.startsWith('the sandbox broke')) this.#drop(worker)
    return verdict
  }

  #start(): Worker {
    const worker = new Worker(new URL('./sandbox/worker.ts', import.meta.url), {
      env: {},
      stdin: false,
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16, stackSizeMb: 8 },
    })
    const ready = Promise.withResolvers<void>()
    worker.once('message', () => ready.resolve()).once('exit', () => ready.resolve())
    this.#ready = ready.promise
    return worker
  }

  #drop(worker: Worker): void {
    worker.on('error', () => {})
    void worker.terminate()
    if (this.#worker === worker) this.#worker = null
  }
}
