/** Where a model answers: a thread for our own, a process for native code of others, which may die without taking us along. */
import { type ChildProcess, fork } from 'node:child_process'
import { SHARE_ENV, Worker } from 'node:worker_threads'
import type { FromWorker, ToWorker, WorkerSettings } from './protocol.ts'

export interface Host {
  post(message: ToWorker): void
  /** Ends it at once; resolves when it is gone. */
  stop(): Promise<void>
  /** Number of its process; undefined for a thread. */
  readonly pid?: number
  /** Resolves when it is gone. */
  readonly ended: Promise<void>
}

export interface HostEvents {
  message: (message: FromWorker) => void
  /** It ended, with the error that ended it or its exit code. */
  exit: (error: Error) => void
}

export function startThread(module: URL, settings: WorkerSettings, events: HostEvents): Host {
  // SHARE_ENV: what `tensor` says to ONNX Runtime through the environment has to be the process's own.
  const worker = new Worker(module, { workerData: settings, env: SHARE_ENV })
  let failure: Error | null = null
  worker.on('message', events.message)
  worker.on('error', (error) => {
    failure = error instanceof Error ? error : new Error(String(error))
  })
  const ended = new Promise<void>((done) => {
    worker.on('exit', (code) => {
      done()
      events.exit(failure ?? new Error(`the worker ended with code ${code}`))
    })
  })
  return {
    post: (message) => worker.postMessage(message),
    stop: async () => void (await worker.terminate()),
    ended,
  }
}

export function startProcess(module: URL, settings: WorkerSettings, events: HostEvents): Host {
  // Structured clones, as between threads: requests carry maps and typed arrays.
  const child: ChildProcess = fork(module, { serialization: 'advanced', execArgv: [] })
  child.on('message', (message) => events.message(message as FromWorker))
  child.on('error', () => {})
  const ended = new Promise<void>((done) => {
    child.on('exit', (code, signal) => {
      done()
      events.exit(new Error(`the process ended with ${signal ?? `code ${code}`}`))
    })
  })
  const post = (message: unknown) => {
    // One that has just died cannot be told anything; its exit says the rest.
    if (child.connected) child.send(message as object, () => {})
  }
  post(settings)
  return {
    post,
    stop: async () => {
      child.kill('SIGKILL')
      await ended
    },
    pid: child.pid,
    ended,
  }
}
