/** Data-parallel training on one machine: one thread and one core a replica, weights in memory that they share. */
import { SHARE_ENV, Worker } from 'node:worker_threads'
import type { GptConfig } from '#model/config'
import { layoutOf, type ParameterLayout, shareUnits, views } from './layout.ts'
import type { MicroShape } from './replica/graphs.ts'
import type {
  Command,
  MicroBatch,
  OptimizerSettings,
  ReplicaSetup,
  Reply,
  SharedArrays,
  UpdateScalars,
} from './replica/messages.ts'

export type { MicroShape } from './replica/graphs.ts'
export type { MicroBatch, OptimizerSettings, UpdateScalars } from './replica/messages.ts'

export interface ReplicasOptions {
  config: GptConfig
  micro: MicroShape
  optimizer: OptimizerSettings
  useMuon: boolean
  replicas: number
  /** Threads inside each replica's operations; 1 is fastest while replicas are as many as cores. */
  threads?: number
}

/** A replica could not do its part. */
export class ReplicaError extends Error {
  override name = 'ReplicaError'
}

export class Replicas {
  readonly layout: ParameterLayout
  /** The flat arrays of the run, in shared memory: written to restore a checkpoint, read to save one. */
  readonly parameters: Float32Array
  readonly first: Float32Array
  readonly second: Float32Array
  readonly count: number
  private readonly workers: Worker[]

  constructor(options: ReplicasOptions) {
    const { config, micro, optimizer, useMuon, replicas, threads = 1 } = options
    this.layout = layoutOf(config, useMuon)
    this.count = replicas
    const memory = () => new SharedArrayBuffer(this.layout.size * 4)
    const shared: SharedArrays = {
      parameters: memory(),
      first: memory(),
      second: memory(),
      gradients: Array.from({ length: replicas }, memory),
    }
    this.parameters = new Float32Array(shared.parameters)
    this.first = new Float32Array(shared.first)
    this.second = new Float32Array(shared.second)
    const shares = shareUnits(this.layout, replicas)
    this.workers = shares.map((units, replica) => {
      const setup: ReplicaSetup = { config, layout: this.layout, micro, optimizer, shared, replica, units, threads }
      // SHARE_ENV: what `tensor` says to ONNX Runtime through the environment has to be the process's own.
      return new Worker(new URL('./replica/worker.ts', import.meta.url), { workerData: setup, env: SHARE_ENV })
    })
  }

  /** Each parameter as a view of the flat array. */
  views(): Map<string, Float32Array> {
    return views(this.layout, this.parameters)
  }

  /** Adds the gradients of all micro-batches, shared out in turn; returns the sum of their losses. */
  accumulate(batches: readonly MicroBatch[]): Promise<number> {
    return this.all((replica) => ({ kind: 'gradients', batches: this.share(batches, replica) }))
  }

  /** Sums the replicas' gradients; returns the sum of their squares. */
  reduce(): Promise<number> {
    return this.all(() => ({ kind: 'reduce' }))
  }

  /** One optimizer step; gradients are zero afterwards. */
  async update(scalars: UpdateScalars): Promise<void> {
    await this.all(() => ({ kind: 'update', scalars }))
  }

  /** The sum of weighted losses of all micro-batches. */
  evaluate(batches: readonly MicroBatch[]): Promise<number> {
    return this.all((replica) => ({ kind: 'evaluate', batches: this.share(batches, replica) }))
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((w) => w.terminate()))
  }

  private share(batches: readonly MicroBatch[], replica: number): MicroBatch[] {
    return batches.filter((_, i) => i % this.count === replica)
  }

  private async all(command: (replica: number) => Command): Promise<number> {
    const sums = await Promise.all(this.workers.map((worker, replica) => ask(worker, command(replica))))
    return sums.reduce((a, b) => a + b, 0)
  }
}

function ask(worker: Worker, command: Command): Promise<number> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      worker.off('message', onMessage)
      worker.off('error', onError)
      act()
    }
    const onMessage = (reply: Reply) =>
      settle(() => (reply.ok ? resolve(reply.sum) : reject(new ReplicaError(reply.error))))
    const onError = (error: unknown) => settle(() => reject(new ReplicaError(String(error), { cause: error })))
    worker.on('message', onMessage)
    worker.on('error', onError)
    worker.postMessage(command)
  })
}
