/** One replica: a thread with its own sessions, which turns micro-batches into gradients and applies its share of updates. */
import { parentPort, workerData } from 'node:worker_threads'
import { tokenTable } from '#model/embedder'
import { mergeAdapter } from '#model/lora'
import { adamWInPlace, sumInto } from '#tensor/adamw-loop'
import { sizeOf } from '#tensor/graph'
import type { Program, Values } from '#tensor/program'
import { type Unit, views } from '../layout.ts'
import type { TrainedModel } from '../objective.ts'
import { fillDropout } from './dropout.ts'
import { evaluationGraph, gradientGraph, lookedUp, type MicroGraph, type MicroShape, muonGraph } from './graphs.ts'
import { lookUp, spreadBack } from './lookup.ts'
import type { Command, MicroBatch, ReplicaSetup, Reply, RolloutTask, UpdateScalars } from './messages.ts'
import { writeAnswers } from './rollout.ts'

const setup = workerData as ReplicaSetup
const { model, layout, micro, optimizer, shared, threads } = setup
const parameters = new Float32Array(shared.parameters)
const first = new Float32Array(shared.first)
const second = new Float32Array(shared.second)
const gradients = shared.gradients.map((buffer) => new Float32Array(buffer))
const mine = gradients[setup.replica]

const muons = new Map<string, Promise<Program>>()

function muonProgram(shape: readonly number[]): Promise<Program> {
  const key = shape.join()
  const made = muons.get(key) ?? muonGraph(shape, optimizer.muonMomentum)
  muons.set(key, made)
  return made
}

/** Arrays by input name that never change place: parameters, and accumulators as both input and output. */
const parameterFeeds = Object.fromEntries([
  ...views(layout, parameters),
  ...views(setup.frozenLayout, new Float32Array(shared.frozen)),
])
const myGradients = [...views(layout, mine)]
const accumulators = Object.fromEntries(myGradients.map(([name, array]) => [`a.${name}`, array]))
const results = Object.fromEntries(myGradients.map(([name, array]) => [`g.${name}`, array]))

/** A graph for micro-batches of one number of rows, with the arrays that a batch is copied into. */
interface Ready extends MicroGraph {
  batch: Record<string, BigInt64Array | Float32Array>
  result: Float32Array
  /** Where texts are looked up: the slopes of their means. */
  slopes: Float32Array | null
}

type MakeGraph = (model: TrainedModel, shape: MicroShape, threads: number) => Promise<MicroGraph>

function graphs(make: MakeGraph, output: string) {
  const made = new Map<string, Promise<Ready>>()
  return ({ tokens, text }: MicroBatch): Promise<Ready> => {
    const rows = tokens.length / micro.length
    const key = `${rows} ${text === true}`
    const ready = made.get(key) ?? prepare(make, { ...micro, rows, text }, output)
    made.set(key, ready)
    return ready
  }
}

async function prepare(make: MakeGraph, shape: MicroShape, output: string): Promise<Ready> {
  const graph = await make(model, shape, threads)
  const { inputs, outputs } = graph.program
  const batch: Ready['batch'] = {}
  for (const [name, { shape, dtype }] of inputs)
    if (!parameterFeeds[name] && !accumulators[name] && !graph.masks.has(name))
      batch[name] = dtype === 'int64' ? new BigInt64Array(sizeOf(shape)) : new Float32Array(sizeOf(shape))
  const [result, slopes] = [output, `g.${lookedUp}`].map((name) => outputs.get(name)?.shape)
  return {
    ...graph,
    batch,
    result: new Float32Array(sizeOf(result ?? [])),
    slopes: slopes ? new Float32Array(sizeOf(slopes)) : null,
  }
}

const gradientProgram = graphs(gradientGraph, 'statistics')
const evaluationProgram = graphs(evaluationGraph, 'values')

function batchFeeds({ batch }: Ready, given: MicroBatch): Record<string, Values> {
  const { more, seed: _seed, text: _text, ...usual } = given
  const columns: Readonly<Record<string, Int32Array | Float32Array>> = { ...usual, ...more }
  for (const [name, array] of Object.entries(batch)) {
    if (name === lookedUp) {
      lookUp(parameterFeeds[tokenTable], given, micro.length, array as Float32Array)
      continue
    }
    const column = columns[name]
    if (column?.length !== array.length) throw new Error(`the micro-batch holds no "${name}" of ${array.length} values`)
    if (array instanceof Float32Array) array.set(column)
    else for (let i = 0; i < column.length; i++) array[i] = BigInt(column[i])
  }
  return batch
}

async function accumulate(batches: MicroBatch[]): Promise<number[]> {
  let sums: number[] = []
  for (const batch of batches) {
    const ready = await gradientProgram(batch)
    const dropped = fillDropout(ready.masks, model.config.dropout, batch.seed)
    const feeds = { ...parameterFeeds, ...accumulators, ...batchFeeds(ready, batch), ...dropped }
    const slopes = ready.slopes && { [`g.${lookedUp}`]: ready.slopes }
    await ready.program.run(feeds, { ...results, ...slopes, statistics: ready.result })
    if (ready.slopes) spreadBack(ready.slopes, batch, micro.length, results[`g.${tokenTable}`])
    sums = Array.from(ready.result, (value, i) => (sums[i] ?? 0) + value)
  }
  return sums
}

async function evaluate(batches: MicroBatch[]): Promise<Float32Array[]> {
  const values: Float32Array[] = []
  for (const batch of batches) {
    const ready = await evaluationProgram(batch)
    await ready.program.run({ ...parameterFeeds, ...batchFeeds(ready, batch) }, { values: ready.result })
    values.push(ready.result.slice())
  }
  return values
}

interface Piece {
  unit: Unit
  gradients: Float32Array[]
  parameter: Float32Array
  first: Float32Array
  second: Float32Array
}

const pieces: Piece[] = setup.units.map((unit) => {
  const part = (flat: Float32Array) => flat.subarray(unit.offset, unit.offset + unit.size)
  return {
    unit,
    gradients: gradients.map(part),
    parameter: part(parameters),
    first: part(first),
    second: part(second),
  }
})

/** Sums this replica's pieces of all gradients into the first replica's array; returns the sum of squares. */
function reduce(): number {
  return pieces.reduce((squares, piece) => squares + sumInto(piece.gradients), 0)
}

async function update(scalars: UpdateScalars): Promise<number> {
  const { learningRate, muonLearningRate, weightDecay, step, gradientScale } = scalars
  for (const { unit, parameter, gradients: parts, first: moment, second: square } of pieces) {
    const [gradient] = parts
    if (unit.kind === 'muon') {
      const program = await muonProgram(unit.shape)
      const feeds = {
        parameter,
        gradient,
        momentum: moment,
        learningRate: Float32Array.of(muonLearningRate),
        decay: Float32Array.of(muonLearningRate * weightDecay),
        gradientScale: Float32Array.of(gradientScale),
      }
      await program.run(feeds, { newParameter: parameter, newMomentum: moment })
      gradient.fill(0)
    } else {
      const decay = unit.kind === 'adamw-decay' ? learningRate * weightDecay : 0
      const arrays = { parameter, gradient, first: moment, second: square }
      adamWInPlace(arrays, { ...optimizer, learningRate, decay, step, gradientScale })
    }
  }
  return 0
}

/** Answers of the policy as it is now. */
async function rollout(task: RolloutTask): Promise<Uint32Array[]> {
  const trained = views(layout, parameters)
  const weights = model.lora
    ? mergeAdapter(model.config, model.lora, views(setup.frozenLayout, new Float32Array(shared.frozen)), trained)
    : trained
  return writeAnswers(model.config, weights, task, threads)
}

async function perform(command: Command): Promise<{ sums: number[]; values: Float32Array[]; answers?: Uint32Array[] }> {
  if (command.kind === 'rollout') return { sums: [], values: [], answers: await rollout(command.task) }
  if (command.kind === 'gradients') return { sums: await accumulate(command.batches), values: [] }
  if (command.kind === 'evaluate') return { sums: [], values: await evaluate(command.batches) }
  return { sums: [command.kind === 'reduce' ? reduce() : await update(command.scalars)], values: [] }
}

parentPort?.on('message', (command: Command) => {
  perform(command).then(
    (done) => parentPort?.postMessage({ ok: true, ...done } satisfies Reply),
    (error: unknown) => parentPort?.postMessage({ ok: false, error: String(error) } satisfies Reply),
  )
})
