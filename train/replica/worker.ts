/** One replica: a thread with its own sessions, which turns micro-batches into gradients and applies its share of updates. */
import { parentPort, workerData } from 'node:worker_threads'
import { adamWInPlace, sumInto } from '#tensor/adamw-loop'
import type { Program, Values } from '#tensor/program'
import { type Unit, views } from '../layout.ts'
import { fillDropout } from './dropout.ts'
import { evaluationGraph, gradientGraph, muonGraph } from './graphs.ts'
import type { Command, MicroBatch, ReplicaSetup, Reply, UpdateScalars } from './messages.ts'

const setup = workerData as ReplicaSetup
const { config, layout, micro, optimizer, shared, threads } = setup
const parameters = new Float32Array(shared.parameters)
const first = new Float32Array(shared.first)
const second = new Float32Array(shared.second)
const gradients = shared.gradients.map((buffer) => new Float32Array(buffer))
const mine = gradients[setup.replica]

const once = <T>(make: () => Promise<T>) => {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}
const gradientProgram = once(() => gradientGraph(config, micro, threads))
const evaluationProgram = once(() => evaluationGraph(config, micro, threads))
const muons = new Map<string, Promise<Program>>()

function muonProgram(shape: readonly number[]): Promise<Program> {
  const key = shape.join()
  const made = muons.get(key) ?? muonGraph(shape, optimizer.muonMomentum)
  muons.set(key, made)
  return made
}

/** Arrays by input name that never change place: parameters, and accumulators as both input and output. */
const parameterFeeds = Object.fromEntries(views(layout, parameters))
const myGradients = [...views(layout, mine)]
const accumulators = Object.fromEntries(myGradients.map(([name, array]) => [`a.${name}`, array]))
const results = Object.fromEntries(myGradients.map(([name, array]) => [`g.${name}`, array]))

const rows = micro.rows * micro.length
const integers = { tokens: wide(), targets: wide(), positions: wide(), documents: wide() }
const weights = new Float32Array(rows)
const loss = new Float32Array(1)

function wide(): BigInt64Array {
  return new BigInt64Array(rows)
}

function batchFeeds(batch: MicroBatch): Record<string, Values> {
  for (const name of ['tokens', 'targets', 'positions', 'documents'] as const)
    for (let i = 0; i < rows; i++) integers[name][i] = BigInt(batch[name][i])
  weights.set(batch.weights)
  const { tokens, targets, positions, documents } = integers
  return micro.packed ? { tokens, targets, weights, positions, documents } : { tokens, targets, weights }
}

async function accumulate(batches: MicroBatch[]): Promise<number> {
  const { program, masks } = await gradientProgram()
  let sum = 0
  for (const batch of batches) {
    const dropped = fillDropout(masks, config.dropout, batch.seed)
    await program.run({ ...parameterFeeds, ...accumulators, ...batchFeeds(batch), ...dropped }, { ...results, loss })
    sum += loss[0]
  }
  return sum
}

async function evaluate(batches: MicroBatch[]): Promise<number> {
  const program = await evaluationProgram()
  let sum = 0
  for (const batch of batches) {
    await program.run({ ...parameterFeeds, ...batchFeeds(batch) }, { loss })
    sum += loss[0]
  }
  return sum
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

async function perform(command: Command): Promise<number> {
  if (command.kind === 'gradients') return accumulate(command.batches)
  if (command.kind === 'evaluate') return evaluate(command.batches)
  if (command.kind === 'reduce') return reduce()
  return update(command.scalars)
}

parentPort?.on('message', (command: Command) => {
  perform(command).then(
    (sum) => parentPort?.postMessage({ ok: true, sum } satisfies Reply),
    (error: unknown) => parentPort?.postMessage({ ok: false, error: String(error) } satisfies Reply),
  )
})
