/** Data-parallel training on one machine: one thread and one core a replica, weights in memory that they share. */
import { SHARE_ENV, Worker } from 'node:worker_threads'
import type { GptConfig } from '#model/config'
import { type LoraConfig, mergeAdapter } from '#model/lora'
import { layoutOfSpecs, type ParameterLayout, shareUnits, views } from './layout.ts'
import { frozenSpecs, type Objective, type TrainedModel, trainedSpecs } from './objective.ts'
import type { MicroShape } from './replica/graphs.ts'
import type {
  Command,
  MicroBatch,
  OptimizerSettings,
  ReplicaSetup,
  Reply,
  RolloutTask,
  SharedArrays,
  UpdateScalars,
} from './replica/messages.ts'

export type { MicroShape } from './replica/graphs.ts'
export type { MicroBatch, OptimizerSettings, RolloutTask, UpdateScalars } from './replica/messages.ts'

export interface ReplicasOptions {
  config: GptConfig
  /** Default: the language model's own. */
  objective?: Objective
  /** Trains an adapter alone. */
  lora?: LoraConfig | null
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
  /** Weights that no step changes, in an order of their own. */
  readonly frozen: Float32Array
  readonly count: number
  private readonly model: TrainedModel
  private readonly frozenLayout: ParameterLayout
  private readonly workers: Worker[]
  private readonly gradientsOf: Float32Array[]

  constructor(options: ReplicasOptions) {
    const { micro, optimizer, useMuon, replicas, threads = 1 } = options
    const { config, objective = { kind: 'language' }, lora = null } = options
    const model: TrainedModel = { config, objective, lora }
    this.model = model
    this.layout = layoutOfSpecs(trainedSpecs(model), useMuon)
    this.frozenLayout = layoutOfSpecs(frozenSpecs(model), false)
    this.count = replicas
    const memory = () => new SharedArrayBuffer(this.layout.size * 4)
    const shared: SharedArrays = {
      parameters: memory(),
      first: memory(),
      second: memory(),
      frozen: new SharedArrayBuffer(this.frozenLayout.size * 4),
      gradients: Array.from({ length: replicas }, memory),
    }
    this.parameters = new Float32Array(shared.parameters)
    this.gradientsOf = shared.gradients.map((buffer) => new Float32Array(buffer))
    this.first = new Float32Array(shared.first)
    this.second = new Float32Array(shared.second)
    this.frozen = new Float32Array(shared.frozen)
    const shares = shareUnits(this.layout, replicas)
    this.workers = shares.map((units, replica) => {
      const { layout, frozenLayout } = this
      const setup: ReplicaSetup = { model, layout, frozenLayout, micro, optimizer, shared, replica, units, threads }
      // SHARE_ENV: what `tensor` says to ONNX Runtime through the environment has to be the process's own.
      return new Worker(new URL('./replica/worker.ts', import.meta.url), { workerData: setup, env: SHARE_ENV })
    })
  }

  /** Each trained parameter as a view of the flat array. */
  views(): Map<string, Float32Array> {
    return views(this.layout, this.parameters)
  }

  /** Each frozen parameter as a view. */
  frozenViews(): Map<string, Float32Array> {
    return views(this.frozenLayout, this.frozen)
  }

  /** The whole model as it is now: where an adapter is trained, with the adapter in it. */
  weights(): Map<string, Float32Array> {
    const { config, lora } = this.model
    return lora ? mergeAdapter(config, lora, this.frozenViews(), this.views()) : this.views()
  }

  /** Adds the gradients of all micro-batches, shared out in turn; returns the sum of their losses. */
  async accumulate(batches: readonly MicroBatch[]): Promise<number> {
    return (await this.gradients(batches))[0]
  }

  /** The same; returns the sums of all statistics of the objective, the loss first. */
  async gradients(batches: readonly MicroBatch[]): Promise<number[]> {
    const replies = await this.all((replica) => ({ kind: 'gradients', batches: this.share(batches, replica) }))
    const sums = replies.map((reply) => reply.sums).filter(({ length }) => length > 0)
    return (sums[0] ?? [0]).map((_, i) => sums.reduce((total, one) => total + one[i], 0))
  }

  /** Sums the replicas' gradients; returns the sum of their squares. */
  async reduce(): Promise<number> {
    const replies = await this.all(() => ({ kind: 'reduce' }))
    return replies.reduce((total, { sums }) => total + sums[0], 0)
  }

  /** One optimizer step; gradients are zero afterwards. */
  async update(scalars: UpdateScalars): Promise<void> {
    await this.all(() => ({ kind: 'update', scalars }))
  }

  /** Drops gradients that no step was made of. */
  forget(): void {
    for (const gradient of this.gradientsOf) gradient.fill(0)
  }

  /** The sum of weighted losses of all micro-batches. */
  async evaluate(batches: readonly MicroBatch[]): Promise<number> {
    return (await this.measure(batches)).reduce((total, [value]) => total + value, 0)
  }

  /** The objective's values of each micro-batch: the loss, or every answer's reward or log-probability. */
  async measure(batches: readonly MicroBatch[]): Promise<Float32Array[]> {
    const replies = await this.all((replica) => ({ kind: 'evaluate', batches: this.share(batches, replica) }))
    return batches.map((_, i) => replies[i % this.count].values[Math.floor(i / this.count)])
  }

  /** What the policy as it is now answers to each prompt; prompts are shared out in turn. */
  async rollout(task: RolloutTask): Promise<Uint32Array[]> {
    const replies = await this.all((replica) => ({
      kind: 'rollout',
      task: { ...task, prompts: task.prompts.filter((_, i) => i % this.count === replica) },
    }))
    return task.prompts.map((_, i) => (replies[i % this.count].answers ?? [])[Math.floor(i / this.count)])
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((w) => w.terminate()))
  }

  private share(batches: readonly MicroBatch[], replica: number): MicroBatch[] {
    return batches.filter((_, i) => i % this.count === replica)
  }

  private all(command: (replica: number) => Command): Promise<Done[]> {
    return Promise.all(this.workers.map((worker, replica) => ask(worker, command(replica))))
  }
}

type Done = Extract<Reply, { ok: true }>

function ask(worker: Worker, command: Command): Promise<Done> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      worker.off('message', onMessage)
      worker.off('error', onError)
      act()
    }
    const onMessage = (reply: Reply) =>
      settle(() => (reply.ok ? resolve(reply) : reject(new ReplicaError(reply.error))))
    const onError = (error: unknown) => settle(() => reject(new ReplicaError(String(error), { cause: error })))
    worker.on('message', onMessage)
    worker.on('error', onError)
    worker.postMessage(command)
  })
}
