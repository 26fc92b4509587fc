/** The graphs that a replica runs: a micro-batch forward and backward, a forward for evaluation, optimizer pieces. */
import type { GptConfig } from '#model/config'
import { languageLoss, parameterInputs, type Sequences } from '#model/gpt'
import { add, mul } from '#tensor/elementwise'
import { grad } from '#tensor/grad'
import { input, type Shape, type Tensor } from '#tensor/graph'
import { muon } from '#tensor/optimizers'
import { compile, type Program } from '#tensor/program'
import { sum } from '#tensor/reduce'

export interface MicroShape {
  /** Sequences of a micro-batch. */
  rows: number
  length: number
  /** Whether rows hold several documents that must not see each other. */
  packed: boolean
}

export interface MicroGraph {
  program: Program
  /** The shapes of the dropout masks that each run needs, under their input names. */
  masks: ReadonlyMap<string, Shape>
}

function sequences(
  shape: MicroShape,
  dropout?: (x: Tensor) => Tensor,
): Sequences & { targets: Tensor; weights: Tensor } {
  const { rows, length, packed } = shape
  return {
    batch: rows,
    length,
    tokens: input('tokens', [rows * length], 'int64'),
    targets: input('targets', [rows * length], 'int64'),
    weights: input('weights', [rows * length]),
    ...(packed
      ? {
          positions: input('positions', [rows, length], 'int64'),
          documents: input('documents', [rows, length], 'int64'),
        }
      : {}),
    dropout,
  }
}

/** Loss and gradients; each gradient `g.NAME` is added to what its accumulator `a.NAME` holds. */
export async function gradientGraph(config: GptConfig, shape: MicroShape, threads: number): Promise<MicroGraph> {
  const masks = new Map<string, Shape>()
  const dropout = (x: Tensor) => {
    const name = `dropout.${masks.size}`
    masks.set(name, x.shape)
    return mul(x, input(name, x.shape))
  }
  const parameters = parameterInputs(config)
  const of = sequences(shape, config.dropout > 0 ? dropout : undefined)
  const { loss } = languageLoss(config, parameters, of, of.targets, of.weights)
  const gradients = grad(loss, [...parameters.values()])
  const outputs: Record<string, Tensor> = {}
  for (const [i, [name, p]] of [...parameters].entries())
    outputs[`g.${name}`] = add(input(`a.${name}`, p.shape), gradients[i])
  outputs.loss = loss
  return { program: await compile(outputs, { threads }), masks }
}

/** Weighted sum of −log p over a micro-batch, without gradients. */
export async function evaluationGraph(config: GptConfig, shape: MicroShape, threads: number): Promise<Program> {
  const of = sequences(shape)
  const { nll } = languageLoss(config, parameterInputs(config), of, of.targets, of.weights)
  return compile({ loss: sum(mul(nll, of.weights)) }, { threads })
}

const scalar = (name: string) => input(name, [])

/** One Muon step of a matrix. */
export async function muonGraph(shape: Shape, momentum: number): Promise<Program> {
  const step = {
    parameter: input('parameter', shape),
    gradient: input('gradient', shape),
    momentum: input('momentum', shape),
    learningRate: scalar('learningRate'),
    decay: scalar('decay'),
    gradientScale: scalar('gradientScale'),
  }
  const next = muon(step, momentum)
  return compile({ newParameter: next.parameter, newMomentum: next.momentum })
}
