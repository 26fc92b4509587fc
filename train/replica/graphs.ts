/** The graphs that a replica runs: a micro-batch forward and backward, a forward for evaluation, optimizer pieces. */
import { answersPerRow, pairsPerRow } from '#data/preference-batches'
import type { ParameterSpec } from '#model/config'
import { meanOfStates } from '#model/embedder'
import { languageLoss, type Sequences } from '#model/gpt'
import { adaptedParameters } from '#model/lora'
import { rewardsAt } from '#model/reward'
import { add, mul } from '#tensor/elementwise'
import { grad } from '#tensor/grad'
import { input, type Shape, type Tensor } from '#tensor/graph'
import { muon } from '#tensor/optimizers'
import { compile, type Program } from '#tensor/program'
import { sum } from '#tensor/reduce'
import { reshape } from '#tensor/reshape'
import { frozenSpecs, referencePrefix, type TrainedModel, trainedSpecs } from '../objective.ts'
import { infoNce } from './contrast.ts'
import { headExpressions } from './head.ts'
import { answerLogProbs, bradleyTerry, dpoLoss, type Pairs } from './pairs.ts'
import { actorExpressions, criticExpressions, textExpressions } from './reinforcement.ts'

export interface MicroShape {
  /** Sequences of a micro-batch. */
  rows: number
  length: number
  /** Whether rows hold several documents that must not see each other. */
  packed: boolean
  /** Plain text, for a policy that learns from it as well. */
  text?: boolean
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

/** Means of looked-up vectors: an input of which the graph gives the gradient, not yet added to anything. */
export const lookedUp = 'texts'

interface Expressions {
  /** What is trained, by name. */
  trained: ReadonlyMap<string, Tensor>
  loss: Tensor
  /** Sums that a step reports, the loss first. */
  statistics: Tensor
  /** What evaluation wants: the loss, or each answer's reward or log-probability. */
  values: Tensor
}

const inputsOf = (specs: readonly ParameterSpec[]) =>
  new Map(specs.map(({ name, shape }) => [name, input(name, shape)]))

function expressions(model: TrainedModel, shape: MicroShape, dropout?: (x: Tensor) => Tensor): Expressions {
  const { config, objective, lora } = model
  const frozen = inputsOf(frozenSpecs(model))
  const adapted = lora ? adaptedParameters(frozen, config, lora) : null
  const trained = adapted?.adapter ?? inputsOf(trainedSpecs(model))
  const parameters = adapted?.parameters ?? trained
  const of = sequences(shape, dropout)
  if (objective.kind === 'contrastive') {
    const means = input(lookedUp, [shape.rows, config.width])
    const texts = config.layers === 0 ? means : meanOfStates(config, parameters, of, of.weights)
    const contrast = infoNce(texts, input('pairWeights', [shape.rows / 2]), objective)
    return { trained: config.layers === 0 ? new Map([[lookedUp, means]]) : trained, ...contrast }
  }
  if (objective.kind === 'actor' && shape.text) return { trained, ...textExpressions(config, parameters, of) }
  if (objective.kind === 'actor')
    return { trained, ...actorExpressions(config, { parameters, reference: besideOf(frozen) }, of, objective) }
  if (objective.kind === 'critic')
    return { trained, ...criticExpressions(config, { parameters, reference: besideOf(frozen) }, of, objective) }
  if (objective.kind === 'head') return { trained, ...headExpressions(config, parameters, of, objective) }
  if (objective.kind === 'language' || objective.kind === 'masked') {
    const bothWays = objective.kind === 'masked'
    const { loss, nll } = languageLoss(config, parameters, { ...of, bothWays }, of.targets, of.weights)
    const total = (x: Tensor) => reshape(x, [1])
    return { trained, loss, statistics: total(loss), values: total(sum(mul(nll, of.weights))) }
  }
  const count = shape.rows * answersPerRow
  const pairs = pairInputs(shape.rows * pairsPerRow)
  if (objective.kind === 'reward') {
    const rewards = rewardsAt(config, parameters, of, input('ends', [count], 'int64'))
    return { trained, ...bradleyTerry(rewards, pairs), values: rewards }
  }
  const { nll } = languageLoss(config, parameters, of, of.targets, of.weights)
  const logProbs = answerLogProbs(nll, of.weights, input('answers', [of.tokens.size], 'int64'), count)
  return { trained, ...dpoLoss(logProbs, input('reference', [count]), pairs, objective), values: logProbs }
}

/** The frozen model under its own names. */
const besideOf = (frozen: ReadonlyMap<string, Tensor>) =>
  new Map(
    [...frozen].map(([name, t]) => [name.startsWith(referencePrefix) ? name.slice(referencePrefix.length) : name, t]),
  )

const pairInputs = (count: number): Pairs => ({
  better: input('better', [count], 'int64'),
  worse: input('worse', [count], 'int64'),
  weights: input('pairWeights', [count]),
})

/** Statistics and gradients; each gradient `g.NAME` is added to what its accumulator `a.NAME` holds. */
export async function gradientGraph(model: TrainedModel, shape: MicroShape, threads: number): Promise<MicroGraph> {
  const masks = new Map<string, Shape>()
  const dropout = (x: Tensor) => {
    const name = `dropout.${masks.size}`
    masks.set(name, x.shape)
    return mul(x, input(name, x.shape))
  }
  const { trained, loss, statistics } = expressions(model, shape, model.config.dropout > 0 ? dropout : undefined)
  const gradients = grad(loss, [...trained.values()])
  const outputs: Record<string, Tensor> = {}
  for (const [i, [name, p]] of [...trained].entries())
    outputs[`g.${name}`] = name === lookedUp ? gradients[i] : add(input(`a.${name}`, p.shape), gradients[i])
  outputs.statistics = statistics
  return { program: await compile(outputs, { threads }), masks }
}

/** The values of a micro-batch, without gradients: of a language model Σ −log p · weight. */
export async function evaluationGraph(model: TrainedModel, shape: MicroShape, threads: number): Promise<MicroGraph> {
  const { values } = expressions(model, shape)
  return { program: await compile({ values }, { threads }), masks: new Map() }
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
